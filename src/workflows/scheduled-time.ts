/** What `{{ scheduled }}` means in this run. */
import { workflowInfo } from '@temporalio/workflow';
import { type ScheduledTime, scheduledTimeOf } from '../contract/scheduled-request.js';

export const scheduledTime = (): ScheduledTime => scheduledTimeOf(workflowInfo());
