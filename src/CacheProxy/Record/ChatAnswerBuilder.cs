using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Record;

/// <summary>Gathers the events of a chat answer from its object, or from one chunk after the other.</summary>
internal sealed class ChatAnswerBuilder
{
    private readonly List<AnswerEvent> _events = [];
    private AnswerEvent.Usage? _usage;
    private string? _id;
    private string? _model;
    private string? _systemFingerprint;
    private long _created;

    /// <param name="part">Where a choice has its content: <c>message</c> or <c>delta</c>.</param>
    /// <returns>False: it is no part of a chat answer, or it is an error.</returns>
    public bool TryAdd(JsonElement root, string part)
    {
        if (root.ValueKind != JsonValueKind.Object || root.TryGetProperty("error", out JsonElement error) && error.ValueKind != JsonValueKind.Null)
        {
            return false;
        }

        _id ??= Text(root, "id");
        _model ??= Text(root, "model") is { Length: > 0 } model ? model : null;
        _systemFingerprint ??= Text(root, "system_fingerprint");
        _created = _created == 0 && root.TryGetProperty("created", out JsonElement created) && created.TryGetInt64(out long seconds) ? seconds : _created;
        if (root.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
        {
            _usage = ReadUsage(usage);
        }

        if (!root.TryGetProperty("choices", out JsonElement choices) || choices.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (JsonElement choice in choices.EnumerateArray())
        {
            AddChoice(choice, part);
        }

        return true;
    }

    public CanonicalAnswer? Build(RecordedBody body)
    {
        if (_id is null || _model is null)
        {
            return null;
        }

        if (_usage is not null)
        {
            _events.Add(_usage);
        }

        return new CanonicalAnswer
        {
            UpstreamId = _id,
            Model = _model,
            CreatedUnixSeconds = _created,
            SystemFingerprint = _systemFingerprint,
            Events = _events,
            Body = body,
        };
    }

    private void AddChoice(JsonElement choice, string part)
    {
        int index = choice.TryGetProperty("index", out JsonElement position) ? position.GetInt32() : 0;
        if (choice.TryGetProperty(part, out JsonElement content) && content.ValueKind == JsonValueKind.Object)
        {
            AddContent(index, content);
        }

        if (choice.TryGetProperty("logprobs", out JsonElement logProbs) && logProbs.ValueKind == JsonValueKind.Object)
        {
            _events.Add(new AnswerEvent.LogProbs(index, logProbs.GetRawText()));
        }

        if (Text(choice, "finish_reason") is { } reason)
        {
            _events.Add(new AnswerEvent.Finish(index, reason));
        }
    }

    private void AddContent(int index, JsonElement content)
    {
        // Providers that show their reasoning use one name or the other.
        if ((Text(content, "reasoning_content") ?? Text(content, "reasoning")) is { Length: > 0 } reasoning)
        {
            _events.Add(new AnswerEvent.ReasoningDelta(index, reasoning));
        }

        if (Text(content, "content") is { } text)
        {
            _events.Add(new AnswerEvent.TextDelta(index, text));
        }

        if (Text(content, "refusal") is { Length: > 0 } refusal)
        {
            _events.Add(new AnswerEvent.RefusalDelta(index, refusal));
        }

        if (content.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array)
        {
            int position = 0;
            foreach (JsonElement call in calls.EnumerateArray())
            {
                AddToolCall(index, call, position++);
            }
        }

        if (content.TryGetProperty("annotations", out JsonElement annotations) && annotations.ValueKind == JsonValueKind.Array)
        {
            _events.AddRange(annotations.EnumerateArray().Select(annotation => new AnswerEvent.Annotation(index, annotation.GetRawText())));
        }
    }

    // In an object the calls have no index of their own: their place in the list is it.
    private void AddToolCall(int choice, JsonElement call, int position)
    {
        int index = call.TryGetProperty("index", out JsonElement own) ? own.GetInt32() : position;
        JsonElement function = call.TryGetProperty("function", out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : default;
        bool hasFunction = function.ValueKind == JsonValueKind.Object;
        _events.Add(new AnswerEvent.ToolCallDelta(
            choice, index, Text(call, "id"), hasFunction ? Text(function, "name") : null, hasFunction ? Text(function, "arguments") ?? "" : ""));
    }

    private static AnswerEvent.Usage ReadUsage(JsonElement usage)
    {
        long cached = usage.TryGetProperty("prompt_tokens_details", out JsonElement details) && details.ValueKind == JsonValueKind.Object
            ? Number(details, "cached_tokens", 0)
            : 0;
        return new AnswerEvent.Usage(usage.GetRawText(), Number(usage, "prompt_tokens", -1), Number(usage, "completion_tokens", -1), cached);
    }

    private static long Number(JsonElement element, string name, long absent)
        => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : absent;

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
