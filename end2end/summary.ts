import type { FullConfig, Reporter, Suite } from '@playwright/test/reporter';

// Closing lines that people and machines can read.
export default class Summary implements Reporter {
  private all!: Suite;

  onBegin(_config: FullConfig, all: Suite) {
    this.all = all;
  }

  onEnd() {
    const tests = this.all.allTests();
    const of = (outcome: string) => tests.filter((test) => test.outcome() === outcome);
    for (const test of of('flaky')) console.log(`flaky, to be mended: ${test.titlePath().filter(Boolean).join(' › ')}`);
    console.log(`browser: ${of('expected').length} passed, ${of('unexpected').length} failed, ${of('flaky').length} flaky, ${of('skipped').length} skipped`);
  }
}
