/**
 * The sandbox's own time: the wall clock multiplied by a speed and moved by hand. Limits, windows, key expiry, billing
 * periods and training follow it. What a client is told is in the client's own time: `wallMsUntil`, `wallInstantMs`.
 */
export interface ClockAnchor {
  wallMs: number;
  virtualMs: number;
  speed: number;
}

export class VirtualClock {
  constructor(private anchor: ClockAnchor) {}

  static startingNow(speed: number): VirtualClock {
    const wallMs = Date.now();
    return new VirtualClock({ wallMs, virtualMs: wallMs, speed });
  }

  nowMs(): number {
    return Math.floor(this.anchor.virtualMs + (Date.now() - this.anchor.wallMs) * this.anchor.speed);
  }

  /** The clock goes on from where it stands, at another speed or moved; the result is what a journal keeps. */
  adjusted({
    speed,
    advanceSeconds = 0,
  }: {
    speed?: number | undefined;
    advanceSeconds?: number | undefined;
  }): ClockAnchor {
    return {
      wallMs: Date.now(),
      virtualMs: this.nowMs() + advanceSeconds * 1_000,
      speed: speed ?? this.anchor.speed,
    };
  }

  /** Sets the clock; a restart under an old anchor finds the time that has passed meanwhile. */
  set(anchor: ClockAnchor): void {
    this.anchor = anchor;
  }

  get speed(): number {
    return this.anchor.speed;
  }

  /** How long a client has to wait for a virtual instant. */
  wallMsUntil(virtualMs: number): number {
    return Math.max(0, virtualMs - this.nowMs()) / this.anchor.speed;
  }

  wallInstantMs(virtualMs: number): number {
    return Date.now() + this.wallMsUntil(virtualMs);
  }
}
