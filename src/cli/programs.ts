import type { Command } from 'commander'

type Build = () => Command

/** The commands that commander reads. The others read their arguments themselves. */
export const PROGRAMS = {
  runs: async (): Promise<Build> => (await import('./runs/runs.ts')).runsProgram,
  approvals: async (): Promise<Build> => (await import('./approvals/approvals.ts')).approvalsProgram,
  threads: async (): Promise<Build> => (await import('./threads/threads.ts')).threadsProgram,
  usage: async (): Promise<Build> => (await import('./usage/usage.ts')).usageProgram,
  doctor: async (): Promise<Build> => (await import('./doctor/doctor.ts')).doctorProgram,
  completion: async (): Promise<Build> => (await import('./completion/completion.ts')).completionProgram,
} as const

export type ProgramName = keyof typeof PROGRAMS

export function isProgram(name: string): name is ProgramName {
  return Object.hasOwn(PROGRAMS, name)
}
