import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

// One plain closing line that people and machines can read.
export default class Summary implements Reporter {
  private counts = { passed: 0, failed: 0, skipped: 0 };

  onTestEnd(_test: TestCase, result: TestResult) {
    if (result.status === 'passed') this.counts.passed++;
    else if (result.status === 'skipped') this.counts.skipped++;
    else this.counts.failed++;
  }

  onEnd() {
    const { passed, failed, skipped } = this.counts;
    console.log(`browser: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}
