using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using CacheProxy.Storage;

namespace CacheProxy.Invalidation;

/// <summary>
/// <c>epochs.json</c> in the data folder: <c>{"floor":0,"epochs":{"kb":3}}</c>. Without it what was invalidated would be served again after a
/// restart, so a file that cannot be read raises the floor instead of counting as empty.
/// </summary>
public sealed class EpochFile(string folder, TimeProvider time)
{
    public string FilePath { get; } = Path.Combine(folder, "epochs.json");

    /// <param name="damage">Why the file could not be read; null: it could, or there is none.</param>
    public EpochTable Load(out string? damage)
    {
        damage = null;
        try
        {
            Content content = JsonSerializer.Deserialize(File.ReadAllBytes(FilePath), EpochJson.Default.Content) ?? throw new JsonException("null");
            if (content.Floor < 0 || content.Epochs.Values.Any(epoch => epoch < 0))
            {
                throw new JsonException("An epoch is negative.");
            }

            return new EpochTable(content.Floor, content.Epochs.ToFrozenDictionary(StringComparer.Ordinal));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return EpochTable.Empty;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            damage = exception.Message;

            // Seconds since 2020: above whatever anybody has counted up to, and above the floor of an earlier damage.
            return EpochTable.Empty with { Floor = (int)(time.GetUtcNow().ToUnixTimeSeconds() - 1_577_836_800) };
        }
    }

    /// <exception cref="IOException">It was not written; neither is it damaged.</exception>
    public void Save(EpochTable table)
        => OwnerOnly.Replace(FilePath, JsonSerializer.SerializeToUtf8Bytes(new Content(table.Floor, new(table.Spaces)), EpochJson.Default.Content));

    internal sealed record Content(int Floor, Dictionary<string, int> Epochs);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EpochFile.Content))]
internal sealed partial class EpochJson : JsonSerializerContext;
