using System.Text.Json.Serialization;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Ledger.Files;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelPrice))]
internal sealed partial class LedgerJsonContext : JsonSerializerContext;
