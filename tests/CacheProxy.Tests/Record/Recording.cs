using System.Text;
using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Record;

/// <summary>One recorded answer of the fixtures.</summary>
internal sealed record Recording(string Name, Dialect Dialect, int Status, string ContentType, JsonElement Request, byte[] Bytes)
{
    public bool IsStream => ContentType.StartsWith("text/event-stream", StringComparison.Ordinal);

    public bool IncludesUsage => Request.TryGetProperty("stream_options", out JsonElement options) && options.GetProperty("include_usage").GetBoolean();

    public string Text => Encoding.UTF8.GetString(Bytes);

    public RecordedBody Body => new(Dialect, IsStream, IncludesUsage, ContentType, Bytes);

    /// <summary>From OpenAI's own servers.</summary>
    public static IEnumerable<Recording> Recorded() => Directory.GetFiles(Fixture("Recorded"), "*.json").Order().Select(FromRecorded);

    public static Recording FromRecorded(string path)
    {
        JsonElement file = Parse(File.ReadAllBytes(path));
        string asked = file.GetProperty("path").GetString()!;
        Dialect dialect = asked.EndsWith("chat/completions", StringComparison.Ordinal) ? Dialect.OpenAIChat
            : asked.EndsWith("embeddings", StringComparison.Ordinal) ? Dialect.OpenAIEmbeddings : Dialect.OpenAICompletions;
        return new Recording(
            Path.GetFileNameWithoutExtension(path), dialect, file.GetProperty("status").GetInt32(), file.GetProperty("content_type").GetString()!,
            file.GetProperty("request"), Encoding.UTF8.GetBytes(file.GetProperty("body").GetString()!));
    }

    /// <summary>Hand-written pairs of object and stream, by name.</summary>
    public static IEnumerable<(Recording Object, Recording Stream)> Pairs() => Directory.GetFiles(Fixture("Dialects"), "*.json").Order()
        .Select(path => (FromFile(path, "application/json"), FromFile(Path.ChangeExtension(path, ".sse"), "text/event-stream")));

    public static IEnumerable<Recording> Bad()
        => Directory.GetFiles(Fixture("Dialects"), "*-bad-*.sse").Order().Select(path => FromFile(path, "text/event-stream"));

    public static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public static string Fixture(params string[] parts) => Repository.File(["tests", "CacheProxy.Tests", "Fixtures", .. parts]);

    private static Recording FromFile(string path, string contentType)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        Dialect dialect = name.StartsWith("responses", StringComparison.Ordinal) ? Dialect.OpenAIResponses : Dialect.AnthropicMessages;
        return new Recording(name, dialect, 200, contentType, Parse("{}"u8.ToArray()), File.ReadAllBytes(path));
    }
}
