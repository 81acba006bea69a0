/** What vitest's JSON reports come to, for the last lines of a run. */

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} skipped names of tests
 * @property {string[]} failures `file › test: the first line of its message`, for whoever sees only the end of the output
 * @property {string[]} unsteady the same of what failed at first and passed when its file ran again
 */

/** @typedef {{ status: string, fullName: string, failureMessages?: string[] }} TestResult */
/** @typedef {{ name: string, status?: string, message?: string, assertionResults: TestResult[] }} FileResult */

/**
 * @param {string | null} report vitest's JSON report; null if it wrote none
 * @param {number} code vitest's exit code: it can fail with no test failing (a file that does not load, an error left unhandled)
 * @returns {Count} a run with no test at all counts as failed
 */
export function countReport(report, code) {
  if (report === null) return { passed: 0, failed: 1, skipped: [], failures: ['vitest ended without a report'], unsteady: [] };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(report);
  /** @type {FileResult[]} */
  const files = testResults;
  const tests = files.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
  const failed = numFailedTests || (code !== 0 || numPassedTests === 0 ? 1 : 0);
  const failures = [
    ...tests
      .filter(({ status }) => status === 'failed')
      .map(({ file, fullName, failureMessages }) => `${shortName(file)} › ${fullName}: ${firstLine(failureMessages?.[0])}`),
    ...filesThatFailed(files)
      .filter(({ assertionResults }) => !assertionResults.some(({ status }) => status === 'failed'))
      .map(({ name, message }) => `${shortName(name)}: ${firstLine(message)}`),
  ];
  return {
    passed: numPassedTests,
    failed,
    skipped: tests.filter(({ status }) => ['skipped', 'pending', 'todo'].includes(status)).map(({ fullName }) => fullName),
    failures: failed > 0 && failures.length === 0 ? [`vitest ended with ${code}, though no test failed`] : failures,
    unsteady: [],
  };
}

/**
 * @param {string | null} report
 * @returns {string[]} the files that failed, by path
 */
export const failedFiles = (report) => (report === null ? [] : filesThatFailed(JSON.parse(report).testResults).map(({ name }) => name));

/**
 * @param {string} report of a whole project
 * @param {string} again of the files in it that failed, run once more
 * @returns {string} the first with the second's answer for these files
 */
export function withSecondRun(report, again) {
  /** @type {FileResult[]} */
  const second = JSON.parse(again).testResults;
  /** @type {FileResult[]} */
  const first = JSON.parse(report).testResults;
  const testResults = first.map((file) => second.find(({ name }) => name === file.name) ?? file);
  const having = (/** @type {string} */ wanted) =>
    testResults.flatMap((file) => file.assertionResults).filter(({ status }) => status === wanted);
  return JSON.stringify({ numPassedTests: having('passed').length, numFailedTests: having('failed').length, testResults });
}

/** @param {FileResult[]} files */
const filesThatFailed = (files) => files.filter(({ status }) => status === 'failed');

const shortName = (/** @type {string} */ file) => file.split('/').at(-1) ?? file;
const firstLine = (/** @type {string | undefined} */ message) => message?.split('\n', 1)[0] || 'no message';

/** @param {Count[]} counts @returns {Count} */
export const sum = (counts) => ({
  passed: counts.reduce((total, { passed }) => total + passed, 0),
  failed: counts.reduce((total, { failed }) => total + failed, 0),
  skipped: counts.flatMap(({ skipped }) => skipped),
  failures: counts.flatMap(({ failures }) => failures),
  unsteady: counts.flatMap(({ unsteady }) => unsteady),
});
