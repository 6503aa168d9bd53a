using System.Text.Json.Serialization;

namespace CacheProxy.SemanticCache.Questions;

[JsonSerializable(typeof(string[]))]
internal sealed partial class EarlierTurnsJson : JsonSerializerContext;
