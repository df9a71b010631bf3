import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWorkers, versionsWithoutWorkers } from '../../../src/api/temporal/task-queue-workers.ts'
import { HTTP } from '../../../src/policies/api.ts'

type Described = Parameters<typeof readWorkers>[0]
type Poller = NonNullable<Described['pollers']>[number]
type Seconds = NonNullable<NonNullable<Poller['lastAccessTime']>['seconds']>

const NOW_MS = 1_800_000_000_000
const A = { deployment: 'fleet', build: 'a' }
const B = { deployment: 'fleet', build: 'b' }
const routeA = { deploymentName: 'fleet', buildId: 'a' }
const routeB = { deploymentName: 'fleet', buildId: 'b' }

function poller(buildId: string | null, agoMs = 0, deploymentName = 'fleet'): Poller {
  return {
    identity: buildId ?? 'unversioned',
    lastAccessTime: { seconds: ((NOW_MS - agoMs) / 1_000) as unknown as Seconds },
    // An unversioned worker names a build as well.
    deploymentOptions: {
      deploymentName,
      buildId: buildId ?? 'a',
      workerVersioningMode: buildId === null ? 1 : 2,
    },
  }
}

const CASES: readonly [string, Described, ReturnType<typeof versionsWithoutWorkers>][] = [
  ['nobody is versioned', { pollers: [poller(null)] }, []],
  ['no worker is there at all', { pollers: [] }, [null]],
  [
    'no build is promoted, and every worker is versioned',
    { pollers: [poller('a')], versioningInfo: {} },
    [null],
  ],
  [
    'the current build has workers',
    { pollers: [poller('a')], versioningInfo: { currentDeploymentVersion: routeA } },
    [],
  ],
  [
    'only another build and unversioned workers are there',
    { pollers: [poller('b'), poller(null)], versioningInfo: { currentDeploymentVersion: routeA } },
    [A],
  ],
  [
    "the current build's workers have been gone for a while",
    { pollers: [poller('a', HTTP.pollerSeenMs)], versioningInfo: { currentDeploymentVersion: routeA } },
    [A],
  ],
  [
    'the build is of another deployment',
    { pollers: [poller('a', 0, 'other')], versioningInfo: { currentDeploymentVersion: routeA } },
    [A],
  ],
  [
    'a build without workers is ramping',
    {
      pollers: [poller('a')],
      versioningInfo: {
        currentDeploymentVersion: routeA,
        rampingDeploymentVersion: routeB,
        rampingVersionPercentage: 10,
      },
    },
    [B],
  ],
  [
    'the ramp takes everything from a current build without workers',
    {
      pollers: [poller('b')],
      versioningInfo: {
        currentDeploymentVersion: routeA,
        rampingDeploymentVersion: routeB,
        rampingVersionPercentage: 100,
      },
    },
    [],
  ],
]

for (const [state, described, expected] of CASES)
  test(`new runs wait for ${expected.length === 0 ? 'nobody' : JSON.stringify(expected)} where ${state}`, () => {
    assert.deepEqual(versionsWithoutWorkers(readWorkers(described, NOW_MS)), expected)
  })
