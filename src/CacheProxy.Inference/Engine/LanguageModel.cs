using System.Threading.Channels;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Templates;
using CacheProxy.Inference.Templates.Jinja;
using CacheProxy.Inference.Text;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Engine;

/// <summary>One model file with everything that runs it: tokenizer, chat template, engine. Any thread.</summary>
public sealed class LanguageModel : IAsyncDisposable
{
    private readonly GgufFile _file;
    private readonly PromptEncoder _promptEncoder;
    private readonly GgufVocabulary _vocabulary;

    private LanguageModel(
        GgufFile file,
        GgufVocabulary vocabulary,
        ITokenizer tokenizer,
        LanguageModelOptions options,
        TimeProvider time,
        EngineMetrics? metrics,
        ILogger<InferenceEngine>? logger)
    {
        _file = file;
        _vocabulary = vocabulary;
        Tokenizer = tokenizer;
        Name = file.Metadata.FindString("general.name") ?? Path.GetFileNameWithoutExtension(file.Path);
        Template = ParseTemplate(vocabulary, time);
        _promptEncoder = new PromptEncoder(tokenizer);
        int[] ends = [.. new[] { vocabulary.EndOfSequence, vocabulary.EndOfTurn }.OfType<int>()];
        Engine = new InferenceEngine(
            OnnxModelRunner.Load(file, options.Runner), new TokenizerVocabulary(tokenizer, ends), options.Scheduling, time, metrics, logger, options.Cache);
    }

    /// <summary>What the file calls the model.</summary>
    public string Name { get; }

    public ITokenizer Tokenizer { get; }

    /// <summary>The model's own chat template; null: the model knows plain completions only.</summary>
    public ChatTemplate? Template { get; }

    public InferenceEngine Engine { get; }

    /// <summary>The longest prompt plus answer, in tokens.</summary>
    public int MaxSequenceTokens => Engine.MaxSequenceTokens;

    /// <summary>Opens a GGUF file and starts its engine. Takes as long as arranging the weights does.</summary>
    /// <param name="metrics">The caller's to dispose; null: a meter of the engine's own.</param>
    /// <exception cref="ModelFormatException">The file is damaged, or its model or tokenizer is of a kind without code.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="JinjaException">Its chat template is malformed.</exception>
    public static LanguageModel Load(
        string path, LanguageModelOptions? options = null, TimeProvider? time = null, EngineMetrics? metrics = null, ILogger<InferenceEngine>? logger = null)
    {
        GgufFile file = GgufFile.Open(path);
        try
        {
            GgufVocabulary vocabulary = GgufVocabulary.Read(file);
            return new LanguageModel(file, vocabulary, CreateTokenizer(path, vocabulary), options ?? new(), time ?? TimeProvider.System, metrics, logger);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The prompt of a conversation. Control tokens come from the template alone, never from a message.</summary>
    /// <exception cref="JinjaException">The template refuses the messages or fails on them.</exception>
    /// <exception cref="ArgumentException">No messages, or tools for a template without them.</exception>
    /// <exception cref="NotSupportedException">The model has no chat template.</exception>
    public int[] EncodeChat(ChatTemplateInput input) =>
        _promptEncoder.Encode((Template ?? throw new NotSupportedException("The model has no chat template.")).Render(input));

    /// <summary>The prompt of a plain completion: the text behind the begin token where the model wants one.</summary>
    /// <param name="parseSpecial">Control tokens spelled out in the text count as such; only for a text written for this model.</param>
    public int[] EncodeText(string text, bool parseSpecial = false)
    {
        var ids = new List<int>((text.Length / 3) + 4);
        if (_vocabulary is { AddBeginOfSequence: true, BeginOfSequence: { } begin })
        {
            ids.Add(begin);
        }

        Tokenizer.Encode(text, parseSpecial, ids);
        return [.. ids];
    }

    /// <inheritdoc cref="InferenceEngine.Submit"/>
    public ChannelReader<GenerationEvent> Submit(GenerationRequest request, CancellationToken cancellation = default) => Engine.Submit(request, cancellation);

    /// <inheritdoc cref="InferenceEngine.WarmUpAsync"/>
    public Task WarmUpAsync(CancellationToken cancellation = default) => Engine.WarmUpAsync(cancellation);

    /// <summary>Ends what is under way (see <see cref="InferenceEngine.DisposeAsync"/>) and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().ConfigureAwait(false);
        _file.Dispose();
    }

    private static ITokenizer CreateTokenizer(string path, GgufVocabulary vocabulary) => vocabulary.Model switch
    {
        "gpt2" => new ByteLevelBpeTokenizer(new BpeVocabulary(
            vocabulary.Tokens, [.. vocabulary.TokenTypes.Select(type => (TokenKind)type)], vocabulary.Merges, vocabulary.PreTokenizer)),
        _ => throw new ModelFormatException(path, "tokenizer.ggml.model", $"is '{vocabulary.Model}'; byte-level BPE ('gpt2') is what is read here"),
    };

    private static ChatTemplate? ParseTemplate(GgufVocabulary vocabulary, TimeProvider time)
    {
        string TokenText(int? id) => id is { } token ? vocabulary.Tokens[token] : "";
        return vocabulary.ChatTemplate is { } source
            ? ChatTemplate.Parse(source, TokenText(vocabulary.BeginOfSequence), TokenText(vocabulary.EndOfSequence), time)
            : null;
    }
}
