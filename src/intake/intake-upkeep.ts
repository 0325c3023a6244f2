import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Platform, type LogWriter } from '../platform/index.js';
import { forgetSignatures } from './forget-signatures.js';
import { intakeLogEvents } from './intake.log-events.js';

const EVERY_MS = 60_000;

/** Removes what the intake no longer needs to remember. */
@Injectable()
export class IntakeUpkeep {
  readonly #log: LogWriter<typeof intakeLogEvents>;

  constructor(private readonly platform: Platform) {
    this.#log = platform.telemetry.log(intakeLogEvents);
  }

  @Interval(EVERY_MS)
  async run(): Promise<void> {
    try {
      await forgetSignatures(this.platform.database, this.platform.clock.now());
    } catch (error) {
      this.#log('intake.upkeep_failed', { error });
    }
  }
}
