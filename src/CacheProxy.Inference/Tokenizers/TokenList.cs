using System.Globalization;
using System.Text.Json;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Tokenizers;

/// <summary>The vocabulary and the added tokens of a tokenizer.json, by id.</summary>
/// <param name="Texts">Empty at ids that the file leaves out.</param>
/// <param name="Kinds">As many.</param>
/// <param name="Trims">Added tokens that swallow white space.</param>
internal sealed record TokenList(string[] Texts, TokenKind[] Kinds, IReadOnlyDictionary<int, TokenTrim> Trims)
{
    /// <summary>Ids may leave gaps, but a lying one must not cost memory.</summary>
    private const int MaxGaps = 1 << 16;

    /// <param name="root">The file.</param>
    /// <param name="model">Its <c>model</c>.</param>
    /// <param name="bytes">Whether <c>&lt;0xNN&gt;</c> is a byte; all 256 must be there.</param>
    /// <exception cref="ModelFormatException">An id is missing or out of bounds, or a token asks for something without code.</exception>
    public static TokenList Read(JsonSection root, JsonSection model, bool bytes)
    {
        JsonSection vocabulary = model.GetSection("vocab");
        var entries = new List<(string Text, int Id)>();
        foreach (JsonProperty entry in vocabulary.Value.EnumerateObject())
        {
            entries.Add((entry.Name, entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out int id) ? id : throw vocabulary.Error(entry.Name, "has no whole number as id")));
        }

        IReadOnlyList<JsonSection> added = root.FindSections("added_tokens");
        int limit = entries.Count + added.Count + MaxGaps;
        foreach ((string text, int id) in entries)
        {
            _ = (uint)id < (uint)limit ? id : throw vocabulary.Error(text, $"has the id {id} in a vocabulary of {entries.Count}");
        }

        (int Id, string Text, JsonSection Section)[] special = [.. added.Select(section => (IdOf(section, limit), section.GetString("content"), section))];
        int count = entries.Select(entry => entry.Id).Concat(special.Select(token => token.Id)).DefaultIfEmpty(-1).Max() + 1;
        string[] texts = new string[count];
        var kinds = new TokenKind[count];
        Array.Fill(texts, "");
        Array.Fill(kinds, TokenKind.Unused);
        foreach ((string text, int id) in entries)
        {
            (texts[id], kinds[id]) = (text, bytes && IsByte(text) ? TokenKind.Byte : TokenKind.Normal);
        }

        if (bytes && kinds.Count(kind => kind == TokenKind.Byte) != 256)
        {
            throw vocabulary.Error("<0x00>", "and its like are not 256: each byte needs its token");
        }

        var trims = new Dictionary<int, TokenTrim>();
        foreach ((int id, string text, JsonSection section) in special)
        {
            (texts[id], kinds[id]) = (text, section.FindBoolean("special") == true ? TokenKind.Control : TokenKind.UserDefined);
            AddTrim(trims, id, section);
        }

        return new TokenList(texts, kinds, trims);
    }

    private static int IdOf(JsonSection section, int limit) => section.FindInt32("id") is { } id && (uint)id < (uint)limit
        ? id
        : throw section.Error("id", $"is {section.Find("id")?.GetRawText() ?? "missing"}, not from 0 to {limit - 1}");

    private static void AddTrim(Dictionary<int, TokenTrim> trims, int id, JsonSection section)
    {
        if (section.FindBoolean("single_word") == true)
        {
            throw section.Error("single_word", "is true, which is not supported");
        }

        TokenTrim trim = (section.FindBoolean("lstrip") == true ? TokenTrim.Left : 0) | (section.FindBoolean("rstrip") == true ? TokenTrim.Right : 0);
        if (trim != TokenTrim.None)
        {
            trims[id] = trim;
        }
    }

    private static bool IsByte(string text) => text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>'
        && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
}
