using System.Text.Json;
using System.Text.Json.Serialization;

namespace CacheProxy.Ledger.Prices;

/// <summary>The dated price table <c>config/prices.json</c>: US dollars per million tokens. Made by a program, read at start.</summary>
public sealed record PriceFile
{
    public const string FileName = "prices.json";

    /// <summary>What the figures are.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The newest source's month.</summary>
    public string Date { get; init; } = "";

    public IReadOnlyList<PriceSource> Sources { get; init; } = [];

    public IReadOnlyList<PriceRow> Models { get; init; } = [];

    /// <exception cref="InvalidDataException">It is no price table; the message names file, model and field.</exception>
    public static PriceFile Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            PriceFile file = JsonSerializer.Deserialize(bytes, PriceFileJson.Default.PriceFile) ?? throw new JsonException("It is empty.");
            // The serializer leaves null where a list is missing.
            file = file with { Sources = file.Sources ?? [], Models = file.Models ?? throw new JsonException("It has no models.") };
            foreach ((int index, PriceRow row) in file.Models.Index())
            {
                if (row.Fault() is { } fault)
                {
                    throw new InvalidDataException($"{path}: models[{index}] ({row.Provider}/{row.Model}): {fault}");
                }
            }

            return file;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path}: {PriceFault.Of(bytes, exception)}", exception);
        }
    }

    /// <summary><c>config/prices.json</c> in the current folder or in one above the program; null: there is none.</summary>
    public static string? Find()
    {
        string relative = Path.Combine("config", FileName);
        if (File.Exists(relative))
        {
            return Path.GetFullPath(relative);
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, relative);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}

/// <param name="Licence">What the source says of its own terms; only facts are taken from it.</param>
public sealed record PriceSource(string Name, string Date, string Licence);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(PriceFile))]
[JsonSerializable(typeof(PriceRow))]
public sealed partial class PriceFileJson : JsonSerializerContext;
