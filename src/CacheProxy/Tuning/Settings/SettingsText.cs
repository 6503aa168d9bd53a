using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Tuning.Settings;

/// <summary>
/// The settings file's text, in which single values are replaced and nothing else changes: comments, order, indentation and line ends stay byte for
/// byte. Immutable.
/// </summary>
public sealed class SettingsText
{
    private readonly byte[] _bytes;
    private readonly JsonSpan _root;

    /// <exception cref="JsonException">It is not a JSON object.</exception>
    public SettingsText(string text)
    {
        Text = text;
        _bytes = Encoding.UTF8.GetBytes(text);
        _root = JsonSpan.Read(_bytes);
    }

    public string Text { get; }

    /// <summary>The value as it is written; null: there is none.</summary>
    /// <param name="path">As <c>Semantic:Threshold</c> or <c>Semantic:Rules:0:Threshold</c>, whatever its case.</param>
    public string? ValueAt(string path) => Find(path.Split(':')) is { } found ? Slice(found.Start, found.End) : null;

    /// <summary>Elements of a list; 0 where there is none.</summary>
    public int CountAt(string path) => Find(path.Split(':')) is { Kind: JsonTokenType.StartArray } list ? list.Children.Count : 0;

    /// <summary>Replaces a value, or adds it behind the last one of its section, which is added if it is missing.</summary>
    /// <param name="path">An element of a list by its number; the one behind the last is added.</param>
    /// <param name="json">The new value.</param>
    /// <exception cref="ArgumentException">There is no such place in a list.</exception>
    public SettingsText With(string path, string json)
    {
        string[] names = path.Split(':');
        for (int known = names.Length; known > 0; known--)
        {
            if (Find(names[..known]) is not { } found)
            {
                continue;
            }

            return known == names.Length ? Splice(found.Start, found.End, json)
                : found.Kind == JsonTokenType.StartArray ? AddElement(found, path, names[known..], json)
                : found.Kind == JsonTokenType.StartObject ? Add(found, Property(names[known..], json))
                : Splice(found.Start, found.End, "{ " + Property(names[known..], json) + " }");
        }

        return Add(_root, Property(names, json));
    }

    /// <summary>Adds an element behind the last one of a list, which is made if it is missing.</summary>
    public SettingsText Append(string path, string json)
        => Find(path.Split(':')) is { Kind: JsonTokenType.StartArray } list ? Add(list, json) : With(path, $"[ {json} ]");

    private SettingsText AddElement(JsonSpan list, string path, string[] names, string json)
        => names[0] == list.Children.Count.ToString(CultureInfo.InvariantCulture)
            ? Add(list, names.Length == 1 ? json : "{ " + Property(names[1..], json) + " }")
            : throw new ArgumentException($"{path}: the list has {list.Children.Count} elements.", nameof(path));

    private static string Property(ReadOnlySpan<string> names, string json)
    {
        string key = JsonEncodedText.Encode(names[0]).ToString();
        return names.Length == 1 ? $"\"{key}\": {json}" : $"\"{key}\": {{ {Property(names[1..], json)} }}";
    }

    // A section may also be written flat: "Semantic:Threshold" as one name.
    private JsonSpan? Find(string[] names)
    {
        JsonSpan at = _root;
        for (int i = 0; i < names.Length; i++)
        {
            if (at.Child(string.Join(':', names[i..])) is { } flat)
            {
                return flat;
            }

            if (at.Child(names[i]) is not { } child)
            {
                return null;
            }

            at = child;
        }

        return at;
    }

    private SettingsText Add(JsonSpan container, string item)
    {
        string newLine = Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        if (container.Children.Count == 0)
        {
            bool isOneLine = !Slice(container.Start, container.End).Contains('\n');
            string outer = IndentOf(container.LineStart);
            return isOneLine
                ? Splice(container.Start + 1, container.End - 1, $"{newLine}{outer}  {item}{newLine}{outer}")
                : Splice(container.Start + 1, container.Start + 1, $"{newLine}{outer}  {item}");
        }

        JsonSpan last = container.Children[^1];
        int comma = CommaBehind(last.End, container.End), anchor = comma < 0 ? last.End : comma + 1;
        string rest = RestOfLine(anchor);
        if (!IsComment(rest))
        {
            return comma < 0 ? Splice(anchor, anchor, ", " + item) : Splice(anchor, anchor, $" {item},");
        }

        // Behind what else stands on that line: a comment there belongs to the last value.
        string added = $"{newLine}{IndentOf(last.LineStart)}{item}";
        int lineEnd = anchor + Encoding.UTF8.GetByteCount(rest);
        return comma < 0 ? Splice(anchor, lineEnd, $",{rest}{added}") : Splice(lineEnd, lineEnd, added + ",");
    }

    // The comma that the last value is written with, on whichever line; -1: none.
    private int CommaBehind(int start, int end)
    {
        for (int at = start; at < end; at++)
        {
            ReadOnlySpan<byte> rest = _bytes.AsSpan(at, end - at);
            if (rest[0] == (byte)',')
            {
                return at;
            }

            int length = rest.StartsWith("//"u8) ? rest.IndexOfAny((byte)'\r', (byte)'\n') : rest.StartsWith("/*"u8) ? rest[2..].IndexOf("*/"u8) + 3 : 0;
            at += Math.Max(0, length);
        }

        return -1;
    }

    /// <summary>Nothing stands there, or one comment that ends with the line.</summary>
    private static bool IsComment(string restOfLine)
    {
        string rest = restOfLine.Trim();
        return rest.Length == 0 || rest.StartsWith("//", StringComparison.Ordinal)
            || (rest.StartsWith("/*", StringComparison.Ordinal) && rest.IndexOf("*/", StringComparison.Ordinal) == rest.Length - 2);
    }

    private string IndentOf(int at)
    {
        int start = _bytes.AsSpan(0, at).LastIndexOf((byte)'\n') + 1, end = start;
        while (end < _bytes.Length && _bytes[end] is (byte)' ' or (byte)'\t')
        {
            end++;
        }

        return Encoding.UTF8.GetString(_bytes, start, end - start);
    }

    private string RestOfLine(int from)
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(from);
        int end = rest.IndexOfAny((byte)'\r', (byte)'\n');
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private string Slice(int start, int end) => Encoding.UTF8.GetString(_bytes.AsSpan(start, end - start));

    private SettingsText Splice(int start, int end, string text) => new(
        string.Concat(Encoding.UTF8.GetString(_bytes.AsSpan(0, start)), text, Encoding.UTF8.GetString(_bytes.AsSpan(end))));
}
