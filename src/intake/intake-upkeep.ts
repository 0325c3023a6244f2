import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Platform, type LogWriter } from '../platform/index.js';
import { intakeLogEvents } from './intake.log-events.js';
import { PostgresReplayGuard } from './postgres-replay-guard.js';

const EVERY_MS = 60_000;

/** Removes what the intake no longer needs to remember. */
@Injectable()
export class IntakeUpkeep {
  readonly #log: LogWriter<typeof intakeLogEvents>;

  constructor(
    platform: Platform,
    private readonly replayGuard: PostgresReplayGuard,
  ) {
    this.#log = platform.telemetry.log(intakeLogEvents);
  }

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    try {
      await this.replayGuard.forget();
    } catch (error) {
      this.#log('intake.upkeep_failed', { error });
    }
  }
}
