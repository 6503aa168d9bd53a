using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Forms;

namespace CacheProxy.Exchange.Readers;

/// <summary>
/// Reads a recorded body of any dialect and mode into the canonical answer: a stream is put together to its object first. Runs after the
/// client was served.
/// </summary>
public static class AnswerReaders
{
    // Two readers of an object with a name twice may see two answers.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Null: it is no answer of its dialect, it carries an error, or its stream has no end.</summary>
    public static CanonicalAnswer? TryRead(RecordedBody body)
    {
        ReadOnlyMemory<byte>? whole = body.IsStream ? AnswerForms.TryFold(body.Dialect, body.Bytes.Span) : body.Bytes;
        if (whole is not { } bytes)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, Strict);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && IsNoError(root) ? Read(root, body) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // Missing properties and wrong types inside well-formed JSON surface as the latter three.
            return null;
        }
    }

    private static CanonicalAnswer? Read(JsonElement root, RecordedBody body)
    {
        var events = new List<AnswerEvent>();
        bool isRead = body.Dialect switch
        {
            Dialect.OpenAIChat => ChatReader.TryRead(root, events),
            Dialect.OpenAICompletions => CompletionsReader.TryRead(root, events),
            Dialect.OpenAIResponses => ResponsesReader.TryRead(root, events),
            Dialect.AnthropicMessages => MessagesReader.TryRead(root, events),
            _ => false,
        };
        if (!isRead || root.Text("id") is not { } id || root.Text("model") is not { Length: > 0 } model)
        {
            return null;
        }

        if (root.Child("usage") is var usage && !usage.IsNothing())
        {
            events.Add(UsageReader.Read(usage, body.Dialect, UsageReader.TierOf(root), HostedTools.In(events)));
        }

        return new CanonicalAnswer
        {
            UpstreamId = id,
            Model = SharedText.Of(model),
            CreatedUnixSeconds = Math.Max(root.Number("created", 0), root.Number("created_at", 0)),
            SystemFingerprint = root.Text("system_fingerprint") is { } fingerprint ? SharedText.Of(fingerprint) : null,
            Events = events,
            Body = body,
        };
    }

    private static bool IsNoError(JsonElement root) => !root.TryGetProperty("error", out JsonElement error) || error.ValueKind == JsonValueKind.Null;
}
