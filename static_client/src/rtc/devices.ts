/** Microphones, cameras and speakers: which there are, which is chosen, and how one is opened. */

import { Cell } from "./observable";
import type { Observable } from "./observable";
import { ProblemError, mediaProblem, problem } from "./problems";

export interface DeviceSettings {
  /** Null: what the system prefers. */
  readonly microphoneId: string | null;
  readonly cameraId: string | null;
  readonly speakerId: string | null;
  readonly echoCancellation: boolean;
  readonly noiseSuppression: boolean;
  readonly autoGainControl: boolean;
}

export const DEFAULT_SETTINGS: DeviceSettings = {
  microphoneId: null,
  cameraId: null,
  speakerId: null,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

export interface DeviceModel {
  readonly microphones: readonly DeviceChoice[];
  readonly cameras: readonly DeviceChoice[];
  readonly speakers: readonly DeviceChoice[];
  readonly settings: DeviceSettings;
}

export type Opened = "microphone" | "camera";

const KINDS = { microphones: "audioinput", cameras: "videoinput", speakers: "audiooutput" } as const;
const NOUNS = { microphones: "Microphone", cameras: "Camera", speakers: "Speaker" } as const;

export class Devices {
  private readonly cell: Cell<DeviceModel>;
  private readonly changed = (): void => void this.refresh();

  /** `media` is `navigator.mediaDevices`, which insecure pages do not have. */
  constructor(
    private readonly media: MediaDevices | undefined,
    settings: Partial<DeviceSettings> = {},
  ) {
    this.cell = new Cell<DeviceModel>({
      microphones: [],
      cameras: [],
      speakers: [],
      settings: { ...DEFAULT_SETTINGS, ...settings },
    });
    media?.addEventListener?.("devicechange", this.changed);
  }

  get model(): Observable<DeviceModel> {
    return this.cell;
  }

  get available(): MediaDevices | undefined {
    return this.media;
  }

  /** Reads the list again. Names are known only after something was opened (W3C Media Capture 9.2). */
  async refresh(): Promise<void> {
    const found = (await this.media?.enumerateDevices().catch(() => [])) ?? [];
    const list = (which: keyof typeof KINDS): DeviceChoice[] =>
      found
        .filter(({ kind, deviceId }) => kind === KINDS[which] && deviceId !== "")
        .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `${NOUNS[which]} ${index + 1}` }));
    this.cell.set({
      ...this.cell.get(),
      microphones: list("microphones"),
      cameras: list("cameras"),
      speakers: list("speakers"),
    });
  }

  choose(changes: Partial<DeviceSettings>): void {
    const model = this.cell.get();
    this.cell.set({ ...model, settings: { ...model.settings, ...changes } });
  }

  /**
   * Opens what is chosen, or what the system prefers when the chosen one is gone.
   *
   * @throws ProblemError
   */
  async open(what: Opened): Promise<MediaStreamTrack> {
    if (!this.media?.getUserMedia) throw new ProblemError(problem("insecure", what));
    try {
      return await this.openChosen(what, this.media);
    } catch (error) {
      throw new ProblemError(mediaProblem(error, what));
    }
  }

  /** Noise and echo settings on a microphone that is open; false when it has to be opened again for them. */
  async retune(track: MediaStreamTrack): Promise<boolean> {
    const { echoCancellation, noiseSuppression, autoGainControl } = this.cell.get().settings;
    try {
      await track.applyConstraints({ echoCancellation, noiseSuppression, autoGainControl });
    } catch {
      return false;
    }
    const now = track.getSettings();
    return (now.echoCancellation ?? echoCancellation) === echoCancellation && (now.noiseSuppression ?? noiseSuppression) === noiseSuppression;
  }

  close(): void {
    this.media?.removeEventListener?.("devicechange", this.changed);
  }

  private async openChosen(what: Opened, media: MediaDevices): Promise<MediaStreamTrack> {
    const { settings } = this.cell.get();
    const id = what === "microphone" ? settings.microphoneId : settings.cameraId;
    try {
      return await this.openOne(what, media, id);
    } catch (error) {
      const name = error instanceof Error ? error.name : "";
      if (id === null || (name !== "OverconstrainedError" && name !== "NotFoundError")) throw error;
      return await this.openOne(what, media, null);
    }
  }

  private async openOne(what: Opened, media: MediaDevices, id: string | null): Promise<MediaStreamTrack> {
    const stream = await media.getUserMedia(this.constraints(what, id));
    const [track] = stream.getTracks();
    if (!track) throw new ProblemError(problem("missing", what));
    void this.refresh();
    return track;
  }

  private constraints(what: Opened, id: string | null): MediaStreamConstraints {
    const { echoCancellation, noiseSuppression, autoGainControl } = this.cell.get().settings;
    const device = id === null ? {} : { deviceId: { exact: id } };
    return what === "microphone"
      ? { audio: { ...device, echoCancellation, noiseSuppression, autoGainControl } }
      : { video: { ...device, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } };
  }
}
