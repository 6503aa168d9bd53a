using System.Diagnostics.Metrics;
using System.Text;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Inference.TestKit;
using CacheProxy.Inference.Tools;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Tests.Support;

/// <summary>A chat model of one token per byte that answers every prompt with <see cref="Answer"/>, run by the real engine.</summary>
internal sealed class ScriptedModel
{
    public const string Id = "scripted";

    private byte[] _answer = [];

    public ScriptedModel()
    {
        Answer = "Hello wörld 🌍!";
        Runner = new FakeModelRunner(blockCount: 256, contextLength: ContextLength) { Shape = Shape };
    }

    public const int ContextLength = 400;

    public FakeModelRunner Runner { get; }

    /// <summary>Text of every answer; may hold any characters, each of which takes several tokens.</summary>
    public string Answer
    {
        get => Encoding.UTF8.GetString(_answer);
        set => _answer = Encoding.UTF8.GetBytes(value);
    }

    public InferenceEngine? Engine { get; private set; }

    /// <summary>How the model calls tools; null: it does not.</summary>
    public ToolCallFormat? ToolFormat { get; set; }

    /// <summary>Of the last chat.</summary>
    public string LastPrompt { get; private set; } = "";

    /// <summary>With which that chat's answer had begun.</summary>
    public string? LastStart { get; private set; }

    /// <summary>To be set before it is loaded.</summary>
    public int? DefaultMaxTokens { get; set; }

    public ChatModel CreateModel(IMeterFactory meters, SchedulingOptions? options = null)
    {
        Engine = new InferenceEngine(
            Runner, new ByteVocabulary(), options ?? new SchedulingOptions { DrainTimeout = TimeSpan.FromSeconds(2) }, metrics: new EngineMetrics(meters, Id));
        return new ChatModel(Id, 1700000000, Engine, new Encoder(this), "fp_scripted", Engine) { DefaultMaxTokens = DefaultMaxTokens };
    }

    // The prompt ends with the byte 2; what follows it is how much of the answer was given.
    private void Shape(ReadOnlySpan<int> tokens, Span<float> logits)
    {
        int given = tokens.Length - 1 - tokens.LastIndexOf(Encoder.EndOfPrompt);
        int next = given < _answer.Length ? _answer[given] : ByteVocabulary.EndOfTurn;
        logits.Fill(-20f);
        logits[next] = 20f;
    }

    /// <summary>Messages as <c>role:text</c> and a byte 1, then a byte 2.</summary>
    private sealed class Encoder(ScriptedModel model) : IPromptEncoder
    {
        public const int EndOfPrompt = 2;

        public ToolCallFormat? ToolFormat => model.ToolFormat;

        public int[] EncodeChat(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, string? answerStart = null)
        {
            if (messages.Any(message => message.Role == "developer"))
            {
                throw new PromptException("This template has no developer role.");
            }

            model.LastPrompt = string.Concat(tools.Select(tool => tool.Name + "\u0001").Concat(messages.Select(message => $"{message.Role}:{message.Text}\u0001")));
            model.LastStart = answerStart;
            return [.. ByteVocabulary.Encode(model.LastPrompt), EndOfPrompt, .. ByteVocabulary.Encode(answerStart ?? "")];
        }

        public int[] EncodeText(string text) => text.Length == 0 ? [] : [.. ByteVocabulary.Encode(text), EndOfPrompt];
    }
}
