import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What GitHub tells once, when the App is created. */
export interface AppCredentials {
  readonly appId: string;
  readonly privateKey: string;
  readonly webhookSecret: string;
}

/**
 * Writes the credentials into two files that only this user can read: the private key, and settings that a shell,
 * Docker (`--env-file`) and systemd (`EnvironmentFile=`) all read alike. Returns the path of the settings.
 */
export async function saveAppCredentials(
  dataDir: string,
  credentials: AppCredentials,
): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const keyFile = join(dataDir, "private-key.pem");
  const settingsFile = join(dataDir, "app.env");
  const key = credentials.privateKey.replaceAll("\\n", "\n").trim();
  const settings = {
    APP_ID: credentials.appId,
    PRIVATE_KEY_PATH: keyFile,
    WEBHOOK_SECRET: credentials.webhookSecret,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writePrivately(keyFile, `${key}\n`);
  await writePrivately(settingsFile, lines.join(""));
  return settingsFile;
}

async function writePrivately(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  // The mode above counts only for a file that was not there.
  await chmod(path, 0o600);
}
