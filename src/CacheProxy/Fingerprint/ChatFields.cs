using System.Text;
using System.Text.Json;

namespace CacheProxy.Fingerprint;

/// <summary>What is known of each field: its name, whether it can change the answer, and the value that means the same as leaving it out.</summary>
internal static class ChatFields
{
    // Canonical bytes of the value that equals absence (OpenAI's API reference, chat completions). temperature and top_p only where the
    // configuration says that the upstream keeps to it.
    private static readonly Dictionary<ChatField, byte[]> Defaults = new()
    {
        [ChatField.Temperature] = Canonical("1"),
        [ChatField.TopP] = Canonical("1"),
        [ChatField.Choices] = Canonical("1"),
        [ChatField.PresencePenalty] = Canonical("0"),
        [ChatField.FrequencyPenalty] = Canonical("0"),
        [ChatField.LogProbs] = Canonical("false"),
        [ChatField.LogitBias] = Canonical("{}"),
        [ChatField.ToolChoice] = Canonical("\"auto\""),
        [ChatField.ParallelToolCalls] = Canonical("true"),
        [ChatField.ResponseFormat] = Canonical("""{"type":"text"}"""),
        [ChatField.Modalities] = Canonical("""["text"]"""),
        [ChatField.ServiceTier] = Canonical("\"auto\""),
        [ChatField.Store] = Canonical("false"),
    };

    public static ChatField Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        1 when name[0] == (byte)'n' => ChatField.Choices,
        4 when name.SequenceEqual("user"u8) => ChatField.User,
        4 when name.SequenceEqual("stop"u8) => ChatField.Stop,
        4 when name.SequenceEqual("seed"u8) => ChatField.Seed,
        5 when name.SequenceEqual("model"u8) => ChatField.Model,
        5 when name.SequenceEqual("tools"u8) => ChatField.Tools,
        5 when name.SequenceEqual("top_p"u8) => ChatField.TopP,
        5 when name.SequenceEqual("store"u8) => ChatField.Store,
        5 when name.SequenceEqual("audio"u8) => ChatField.Audio,
        6 when name.SequenceEqual("stream"u8) => ChatField.Stream,
        8 when name.SequenceEqual("messages"u8) => ChatField.Messages,
        8 when name.SequenceEqual("metadata"u8) => ChatField.Metadata,
        8 when name.SequenceEqual("priority"u8) => ChatField.Priority,
        8 when name.SequenceEqual("logprobs"u8) => ChatField.LogProbs,
        9 when name.SequenceEqual("functions"u8) => ChatField.Functions,
        9 when name.SequenceEqual("speculate"u8) => ChatField.Speculate,
        9 when name.SequenceEqual("verbosity"u8) => ChatField.Verbosity,
        10 when name.SequenceEqual("logit_bias"u8) => ChatField.LogitBias,
        10 when name.SequenceEqual("modalities"u8) => ChatField.Modalities,
        10 when name.SequenceEqual("max_tokens"u8) => ChatField.MaxTokens,
        10 when name.SequenceEqual("prediction"u8) => ChatField.Prediction,
        11 when name.SequenceEqual("temperature"u8) => ChatField.Temperature,
        11 when name.SequenceEqual("tool_choice"u8) => ChatField.ToolChoice,
        12 when name.SequenceEqual("service_tier"u8) => ChatField.ServiceTier,
        12 when name.SequenceEqual("conversation"u8) => ChatField.Conversation,
        12 when name.SequenceEqual("top_logprobs"u8) => ChatField.TopLogProbs,
        13 when name.SequenceEqual("function_call"u8) => ChatField.FunctionCall,
        14 when name.SequenceEqual("stream_options"u8) => ChatField.StreamOptions,
        15 when name.SequenceEqual("response_format"u8) => ChatField.ResponseFormat,
        15 when name.SequenceEqual("conversation_id"u8) => ChatField.ConversationId,
        16 when name.SequenceEqual("presence_penalty"u8) => ChatField.PresencePenalty,
        16 when name.SequenceEqual("prompt_cache_key"u8) => ChatField.PromptCacheKey,
        16 when name.SequenceEqual("reasoning_effort"u8) => ChatField.ReasoningEffort,
        17 when name.SequenceEqual("frequency_penalty"u8) => ChatField.FrequencyPenalty,
        17 when name.SequenceEqual("safety_identifier"u8) => ChatField.SafetyIdentifier,
        18 when name.SequenceEqual("web_search_options"u8) => ChatField.WebSearchOptions,
        19 when name.SequenceEqual("parallel_tool_calls"u8) => ChatField.ParallelToolCalls,
        20 when name.SequenceEqual("previous_response_id"u8) => ChatField.PreviousResponseId,
        21 when name.SequenceEqual("max_completion_tokens"u8) => ChatField.MaxCompletionTokens,
        _ => ChatField.Unknown,
    };

    /// <summary>Left out: no value of it can change the answer.</summary>
    public static bool IsIrrelevant(ChatField field)
        => field is ChatField.Stream or ChatField.StreamOptions or ChatField.User or ChatField.Metadata or ChatField.SafetyIdentifier or ChatField.PromptCacheKey
            or ChatField.Priority or ChatField.Speculate;

    /// <summary>The model sees it as it is spelled: the order of a schema's properties is part of the prompt.</summary>
    public static bool IsVerbatim(ChatField field) => field is ChatField.Tools or ChatField.Functions or ChatField.ResponseFormat;

    /// <param name="value">Canonical bytes.</param>
    public static bool IsDefault(ChatField field, ReadOnlySpan<byte> value, bool assumeOpenAIDefaults)
    {
        if (field == ChatField.Unknown)
        {
            return false;
        }

        if (value is [(byte)'z'])
        {
            return true;
        }

        bool isServersChoice = field is ChatField.Temperature or ChatField.TopP && !assumeOpenAIDefaults;
        return !isServersChoice && Defaults.TryGetValue(field, out byte[]? absent) && value.SequenceEqual(absent);
    }

    private static byte[] Canonical(string json)
    {
        var buffer = new CanonicalBuffer();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        buffer.WriteValue(ref reader, verbatim: false);
        return buffer.Written.ToArray();
    }
}
