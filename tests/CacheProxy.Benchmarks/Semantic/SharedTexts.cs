using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Semantic;

/// <summary>Questions and commands that people wrote, from the data folder beside the repository: BANKING77, CLINC150, SNIPS (open licences).</summary>
internal static class SharedTexts
{
    /// <summary>Distinct texts in a fixed order.</summary>
    /// <exception cref="DirectoryNotFoundException">The data folder is not there.</exception>
    public static string[] Read(int count)
    {
        string data = Path.GetFullPath(Repository.File("..", "shared", "data"));
        string[] texts = [.. Banking(data).Concat(Clinc(data)).Concat(Snips(data)).Distinct(StringComparer.Ordinal)];
        new Random(77).Shuffle(texts);
        return texts[..Math.Min(count, texts.Length)];
    }

    // text,category; a text with a comma is quoted.
    private static IEnumerable<string> Banking(string data)
        => File.ReadLines(Path.Combine(data, "banking77", "train.csv")).Skip(1)
            .Where(line => !line.StartsWith('"') && line.Contains(',', StringComparison.Ordinal))
            .Select(line => line[..line.LastIndexOf(',')]);

    private static List<string> Clinc(string data)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(data, "clinc150", "data_full.json")));
        return [.. document.RootElement.GetProperty("train").EnumerateArray().Select(row => row[0].GetString()!)];
    }

    private static IEnumerable<string> Snips(string data)
        => Directory.EnumerateFiles(Path.Combine(data, "snips-nlu"), "validate_*.json").Order(StringComparer.Ordinal).SelectMany(file =>
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.EnumerateObject().First().Value.EnumerateArray()
                .Select(row => string.Concat(row.GetProperty("data").EnumerateArray().Select(part => part.GetProperty("text").GetString())))
                .ToList();
        });
}
