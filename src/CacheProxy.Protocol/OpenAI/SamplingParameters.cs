namespace CacheProxy.Protocol.OpenAI;

/// <summary>The parameters that chat and text completions share. Null: not sent; the server's default holds.</summary>
public sealed record SamplingParameters
{
    /// <summary>[0, 2].</summary>
    public double? Temperature { get; init; }

    /// <summary>[0, 1].</summary>
    public double? TopP { get; init; }

    /// <summary>0: off. Not OpenAI's; vLLM and llama.cpp know it.</summary>
    public int? TopK { get; init; }

    /// <summary>[0, 1]. Not OpenAI's; vLLM and llama.cpp know it.</summary>
    public double? MinP { get; init; }

    /// <summary>[-2, 2].</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>[-2, 2].</summary>
    public double? FrequencyPenalty { get; init; }

    public long? Seed { get; init; }

    /// <summary>At most four texts, none empty.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Choices per prompt, 1 to 128.</summary>
    public int Choices { get; init; } = 1;

    /// <summary><c>logit_bias</c>: token id to what is added to its logit, [-100, 100]; null: none.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>Above 0; 1: off. vLLM's.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Tokens before the answer may end. vLLM's.</summary>
    public int MinTokens { get; init; }

    /// <summary><c>ignore_eos</c>: the model's own end-of-turn tokens do not end the answer. vLLM's.</summary>
    public bool IgnoreEndOfSequence { get; init; }

    /// <summary>Null: any text.</summary>
    public AnswerFormat? Format { get; init; }

    /// <summary>Lower runs first. vLLM's.</summary>
    public int Priority { get; init; }

    /// <summary>The most tokens drafted ahead in one step, 0: none; null: the engine's own choice. Changes the speed alone.</summary>
    public int? Speculate { get; init; }
}
