using System.Threading.Channels;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Templates;
using CacheProxy.Inference.Templates.Jinja;
using CacheProxy.Inference.Text;
using CacheProxy.Inference.Tokenizers;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Tokenizers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Inference.Engine;

/// <summary>A model's files with everything that runs them: tokenizer, chat template, engine. Any thread.</summary>
public sealed class LanguageModel : IAsyncDisposable
{
    private readonly ModelFiles _files;
    private readonly PromptEncoder _promptEncoder;

    private LanguageModel(ModelFiles files, LanguageModelOptions options, TimeProvider time, EngineMetrics? metrics, ILogger<InferenceEngine>? logger)
    {
        _files = files;
        ModelTokenizer tokenizer = files.Tokenizer;
        Template = tokenizer.ChatTemplate is { } source ? ParseTemplate(source, tokenizer, files.Checkpoint.Path, time) : null;
        _promptEncoder = new PromptEncoder(Tokenizer);
        IModelRunner runner = ModelRunnerFactory.Load(files.Checkpoint, options.Runner, logger ?? NullLogger<InferenceEngine>.Instance);
        Engine = new InferenceEngine(
            options.Decorate?.Invoke(runner) ?? runner, new TokenizerVocabulary(Tokenizer, tokenizer.Ends), options.Scheduling, time, metrics, logger, options.Cache);
    }

    /// <summary>What the files call the model.</summary>
    public string Name => _files.Name;

    public ITokenizer Tokenizer => _files.Tokenizer.Tokenizer;

    /// <summary>The model's own chat template; null: the model knows plain completions only.</summary>
    public ChatTemplate? Template { get; }

    public InferenceEngine Engine { get; }

    /// <summary>The longest prompt plus answer, in tokens.</summary>
    public int MaxSequenceTokens => Engine.MaxSequenceTokens;

    /// <summary>Opens a GGUF file, or a folder with config.json, tokenizer.json and safetensors, and starts its engine. Takes as long as arranging the weights does.</summary>
    /// <param name="metrics">The caller's to dispose; null: a meter of the engine's own.</param>
    /// <exception cref="ModelFormatException">A file is missing or damaged, or the model or tokenizer is of a kind without code.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static LanguageModel Load(
        string path, LanguageModelOptions? options = null, TimeProvider? time = null, EngineMetrics? metrics = null, ILogger<InferenceEngine>? logger = null)
    {
        ModelFiles files = ModelFiles.Open(path);
        try
        {
            return new LanguageModel(files, options ?? new(), time ?? TimeProvider.System, metrics, logger);
        }
        catch
        {
            files.Dispose();
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
        Tokenizer.Encode(text, parseSpecial, ids);

        // Behind the text, since a tokenizer may treat what stands first in its own way.
        ids.InsertRange(0, _files.Tokenizer.Prefix);
        ids.AddRange(_files.Tokenizer.Suffix);
        return [.. ids];
    }

    /// <inheritdoc cref="InferenceEngine.Submit"/>
    public ChannelReader<GenerationEvent> Submit(GenerationRequest request, CancellationToken cancellation = default) => Engine.Submit(request, cancellation);

    /// <inheritdoc cref="InferenceEngine.WarmUpAsync"/>
    public Task WarmUpAsync(CancellationToken cancellation = default) => Engine.WarmUpAsync(cancellation);

    /// <summary>Ends what is under way (see <see cref="InferenceEngine.DisposeAsync"/>) and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().ConfigureAwait(false);
        _files.Dispose();
    }

    private static ChatTemplate ParseTemplate(string source, ModelTokenizer tokenizer, string path, TimeProvider time)
    {
        try
        {
            return ChatTemplate.Parse(source, tokenizer.BeginText, tokenizer.EndText, time);
        }
        catch (JinjaException malformed)
        {
            throw new ModelFormatException(path, "chat_template", malformed.Message, malformed);
        }
    }
}
