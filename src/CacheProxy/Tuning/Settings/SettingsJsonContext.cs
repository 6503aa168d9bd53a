using System.Text.Json.Serialization;

namespace CacheProxy.Tuning.Settings;

[JsonSerializable(typeof(string))]
internal sealed partial class SettingsJsonContext : JsonSerializerContext;
