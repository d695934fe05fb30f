/** The run's last line, in the plain form that CI reads: `N passed, N failed`. */
module.exports = class PlainSummary {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stderr.write('', () => process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`));
  }
};
