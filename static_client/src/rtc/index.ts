/** Calls, without any view: what the page imports. */

export { Call } from "./call";
export type { CallModel, CallOptions, Phase, SeatMemory } from "./model";
export { browserClockwork } from "./clockwork";
export type { Clockwork } from "./clockwork";
export { DEFAULT_SETTINGS, Devices } from "./devices";
export type { DeviceChoice, DeviceModel, DeviceSettings } from "./devices";
export { ActiveSpeaker, LevelMeter } from "./level";
export type { Observable } from "./observable";
export type { OwnModel, Switch } from "./own";
export { ProblemError } from "./problems";
export type { Problem, ProblemKind } from "./problems";
export type { Level, Quality } from "./quality";
export { SelfTest } from "./selftest";
export type { TestName, TestResult } from "./selftest";
export type { CallListener, CallSignals } from "./signals";
export type { Tile, TileState } from "./tiles";
export type { Transport } from "./transport";
