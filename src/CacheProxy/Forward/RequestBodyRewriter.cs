using System.Buffers;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Forward;

/// <summary>
/// Puts <see cref="BodyEdits"/> into a JSON object in one pass over it. Every byte that no edit concerns, white space, order and spelling, stays as the client sent
/// it. What is no JSON object comes back as it was: the upstream is the one to refuse it.
/// </summary>
internal static class RequestBodyRewriter
{
    private const string Mark = "\"cache_control\":{\"type\":\"ephemeral\"}";

    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> body, in BodyEdits edits)
    {
        if (edits.IsNothing)
        {
            return body;
        }

        try
        {
            List<Splice> splices = Find(body.Span, edits);
            return splices.Count == 0 ? body : Write(body.Span, splices);
        }
        catch (JsonException)
        {
            return body;
        }
    }

    private static List<Splice> Find(ReadOnlySpan<byte> body, in BodyEdits edits)
    {
        var splices = new List<Splice>(4);
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return splices;
        }

        var seen = default(Seen);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            seen.Any = true;
            ReadMember(ref reader, edits, splices, ref seen);
        }

        int end = (int)reader.TokenStartIndex;
        reader.Read();
        if (edits.MarksSystem && !seen.IsMarked && seen.System is { } mark)
        {
            splices.AddRange(mark);
        }

        splices.Sort((a, b) => a.Start.CompareTo(b.Start));
        string added = Added(edits, seen);
        if (added.Length > 0)
        {
            splices.Add(new Splice(end, 0, (seen.Any ? "," : "") + added));
        }

        return splices;
    }

    private static void ReadMember(ref Utf8JsonReader reader, in BodyEdits edits, List<Splice> splices, ref Seen seen)
    {
        bool isModel = edits.Model is not null && reader.ValueTextEquals("model"u8);
        bool isOptions = edits.AddsUsage && reader.ValueTextEquals("stream_options"u8);
        bool isSystem = edits.MarksSystem && reader.ValueTextEquals("system"u8);
        seen.PromptCacheKey |= edits.PromptCacheKey is not null && reader.ValueTextEquals("prompt_cache_key"u8);
        seen.CacheSalt |= edits.CacheSalt is not null && reader.ValueTextEquals("cache_salt"u8);
        seen.IsMarked |= edits.MarksSystem && reader.ValueTextEquals("cache_control"u8);
        reader.Read();
        if (isModel)
        {
            seen.Model = true;
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            splices.Add(new Splice(start, (int)reader.BytesConsumed - start, Quote(edits.Model!)));
        }
        else if (isOptions)
        {
            seen.Options = true;
            ReadOptions(ref reader, splices);
        }
        else if (isSystem)
        {
            seen.System = ReadSystem(ref reader, ref seen.IsMarked);
        }
        else if (edits.MarksSystem)
        {
            seen.IsMarked |= HasMark(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private static void ReadOptions(ref Utf8JsonReader reader, List<Splice> splices)
    {
        int start = (int)reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            splices.Add(new Splice(start, (int)reader.BytesConsumed - start, "{\"include_usage\":true}"));
            return;
        }

        bool hasMembers = false;
        bool hasUsage = false;
        int inside = (int)reader.BytesConsumed;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            hasMembers = true;
            bool isUsage = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            int value = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isUsage)
            {
                hasUsage = true;
                splices.Add(new Splice(value, (int)reader.BytesConsumed - value, "true"));
            }
        }

        if (!hasUsage)
        {
            splices.Add(new Splice(inside, 0, hasMembers ? "\"include_usage\":true," : "\"include_usage\":true"));
        }
    }

    // Anthropic refuses a mark on an empty text.
    private static List<Splice>? ReadSystem(ref Utf8JsonReader reader, ref bool isMarked)
    {
        int start = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.ValueSpan.IsEmpty
                ? null
                : [new Splice(start, 0, "[{\"type\":\"text\",\"text\":"), new Splice((int)reader.BytesConsumed, 0, $",{Mark}}}]")];
        }

        int lastEnd = -1;
        int depth = reader.CurrentDepth;
        bool isArray = reader.TokenType == JsonTokenType.StartArray;
        while (isArray && reader.Read() && reader.CurrentDepth > depth)
        {
            isMarked |= reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("cache_control"u8);
            lastEnd = reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == depth + 1 ? (int)reader.TokenStartIndex : lastEnd;
        }

        reader.Skip();
        return lastEnd < 0 ? null : [new Splice(lastEnd, 0, "," + Mark)];
    }

    private static bool HasMark(ref Utf8JsonReader reader)
    {
        bool isMarked = false;
        int depth = reader.CurrentDepth;
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.CurrentDepth > depth)
            {
                isMarked |= reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("cache_control"u8);
            }
        }

        return isMarked;
    }

    private static string Added(in BodyEdits edits, in Seen seen)
    {
        var members = new List<string>(4);
        if (edits.Model is { } model && !seen.Model)
        {
            members.Add($"\"model\":{Quote(model)}");
        }

        if (edits.AddsUsage && !seen.Options)
        {
            members.Add("\"stream_options\":{\"include_usage\":true}");
        }

        if (edits.PromptCacheKey is { } key && !seen.PromptCacheKey)
        {
            members.Add($"\"prompt_cache_key\":{Quote(key)}");
        }

        if (edits.CacheSalt is { } salt && !seen.CacheSalt)
        {
            members.Add($"\"cache_salt\":{Quote(salt)}");
        }

        return string.Join(',', members);
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static byte[] Write(ReadOnlySpan<byte> body, List<Splice> splices)
    {
        var output = new ArrayBufferWriter<byte>(body.Length + 256);
        int at = 0;
        foreach (Splice splice in splices)
        {
            output.Write(body[at..splice.Start]);
            Encoding.UTF8.GetBytes(splice.Text, output);
            at = splice.Start + splice.Length;
        }

        output.Write(body[at..]);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Takes the place of <see cref="Length"/> bytes from <see cref="Start"/> on.</summary>
    private readonly record struct Splice(int Start, int Length, string Text);

    private struct Seen
    {
        public bool Any;
        public bool Model;
        public bool Options;
        public bool PromptCacheKey;
        public bool CacheSalt;
        public bool IsMarked;
        public List<Splice>? System;
    }
}
