using System.Text.Json;

namespace CacheProxy.Benchmarks.Cascade;

/// <summary>
/// Labelled pairs made by rule from the utterances of CLINC150 (CC-BY) and taken as they are from the SNIPS slot pairs (CC0): texts that may be used to fit
/// what is shipped. The same wish in another form is label 1; a word more, another word, a "not" or a number more is label 0. Seeded.
/// </summary>
internal sealed class RuleMadePairs(string dataFolder, int seed)
{
    private static readonly string[] Polite = ["please {0}", "can you tell me {0}", "{0}, please", "hi, {0}", "i would like to know {0}"];
    private static readonly string[] Restricting = ["{0} for my mother", "{0} on weekends", "{0} when abroad", "{0} without an account", "{0} for children", "{0} in winter", "{0} by phone", "{0} with a discount"];

    private readonly Random _random = new(seed);

    public IEnumerable<(bool IsSame, string Cached, string Asked)> Read(int utterances, int slotPairs)
    {
        string[] texts = [.. Utterances().Where(text => text.Count(c => c == ' ') is >= 4 and <= 12).OrderBy(_ => _random.Next()).Take(utterances)];
        foreach (string text in texts)
        {
            yield return (true, text, string.Format(null, Pick(Polite), text));
            yield return (true, text, char.ToUpperInvariant(text[0]) + text[1..] + "?");
            yield return (false, text, string.Format(null, Pick(Restricting), text));
            yield return (false, text, WithOtherWord(text, Pick(texts)));
            yield return (false, text, Inserted(text, "not"));
            yield return (false, text, Inserted(text, _random.Next(2, 100).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        string path = Path.Combine(dataFolder, "derived-snips-slot-pairs", "snips_slot_pairs_dev.tsv");
        foreach (string[] row in File.ReadLines(path).Skip(1).Select(line => line.Split('\t')).Where(row => row.Length >= 3).OrderBy(_ => _random.Next()).Take(slotPairs))
        {
            yield return (row[0] == "1", row[1], row[2]);
        }
    }

    // The longest word of the text becomes the longest of another one.
    private static string WithOtherWord(string text, string other)
    {
        string Longest(string of) => of.Split(' ').MaxBy(word => word.Length)!;
        return text.Replace(Longest(text), Longest(other), StringComparison.Ordinal);
    }

    private string Inserted(string text, string word)
    {
        List<string> words = [.. text.Split(' ')];
        words.Insert(_random.Next(1, words.Count), word);
        return string.Join(' ', words);
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];

    private IEnumerable<string> Utterances()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(dataFolder, "clinc150", "data_full.json")));
        foreach (JsonElement row in document.RootElement.GetProperty("train").EnumerateArray())
        {
            yield return row[0].GetString()!;
        }
    }
}
