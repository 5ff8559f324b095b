// Decides the cases that the benchmark wrote with a peer, and prints the ratio of the rates.
// Usage: node run.mjs DIRECTORY
//
// Both sides are measured on processor time. Answers are compared first: a rate of wrong answers is
// worth nothing, so differences are printed beside it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const directory = process.argv[2]
const read = (name) => JSON.parse(readFileSync(join(directory, name), 'utf8'))
const figures = read('figures.json')
const MEASURED_MS = 3000
const WORDS = { Allowed: 'allowed', ImplicitlyDenied: 'implicitly_denied', ExplicitlyDenied: 'explicitly_denied' }

/** A decision case in the peer's own shape. It derives no keys, so those that AWS sets are given. */
function simulation(one) {
  const principal = one.request.principal
  const account = one.request.resource_account
  const levels = (list) =>
    (list ?? []).map((level) => ({ orgIdentifier: level.target, policies: level.policies }))
  const derived = { 'aws:PrincipalArn': principal, 'aws:PrincipalAccount': principal.split(':')[4] }
  if (one.principal?.organization) derived['aws:PrincipalOrgID'] = one.principal.organization
  for (const [key, value] of Object.entries(one.principal?.tags ?? {})) {
    derived[`aws:PrincipalTag/${key}`] = value
  }
  return {
    request: {
      principal,
      action: one.request.action,
      resource: { resource: one.request.resource, accountId: account },
      contextVariables: { ...derived, ...one.request.context }
    },
    identityPolicies: one.identity_policies ?? [],
    serviceControlPolicies: levels(one.service_control_policies),
    resourceControlPolicies: levels(one.resource_control_policies),
    resourcePolicy: one.resource_policy
  }
}

/** How often a second `work` can be done over all cases in turn, on processor time. */
async function rate(cases, work) {
  for (const one of cases) await work(one)
  const begin = process.cpuUsage()
  const until = Date.now() + MEASURED_MS
  let done = 0
  while (Date.now() < until) {
    for (const one of cases) await work(one)
    done += cases.length
  }
  const spent = process.cpuUsage(begin)
  return done / ((spent.user + spent.system) / 1e6)
}

/** Why the peer cannot decide some case, if it cannot. */
async function broken(simulations, work) {
  try {
    for (const one of simulations) await work(one)
    return null
  } catch (error) {
    return error.message
  }
}

const SAYS = { a: 'one policy of one statement', b: '20 identity policies, 7 SCPs, a bucket policy' }
const WAYS = [
  ['runSimulation', async (one) => (await runSimulation(one, {})).overallResult],
  ['runUnsafeSimulation', async (one) => runUnsafeSimulation(one, {})]
]

for (const [name, says] of Object.entries(SAYS)) {
  const cases = read(`cases-${name}.json`)
  const simulations = cases.map(simulation)
  for (const [way, work] of WAYS) {
    const failure = await broken(simulations, work)
    if (failure) {
      console.log(`(${name}) ${way} cannot decide these cases: ${failure}`)
      continue
    }
    for (const [at, one] of cases.entries()) {
      const answer = WORDS[await work(simulations[at])] ?? 'an error'
      if (answer !== one.expect.decision) {
        console.log(`(${name}) ${way} says ${answer} of "${one.name}", not ${one.expect.decision}`)
      }
    }
    const peer = await rate(simulations, work)
    const times = (own) => (own / peer).toFixed(0)
    const { outcome, reasons } = figures[name]
    console.log(
      `(${name}) ${says}: @cloud-copilot/iam-simulate ${way} ${peer.toFixed(0)} a second; ` +
        `cofferdam ${times(outcome)} times that, ${times(reasons)} times with reasons`
    )
  }
}
