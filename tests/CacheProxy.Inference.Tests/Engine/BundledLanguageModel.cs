using System.Text;
using System.Threading.Channels;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Tests.Gguf;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>The bundled chat model, loaded once for all tests of a class.</summary>
public sealed class BundledLanguageModel : IAsyncLifetime
{
    public LanguageModel Model { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Model = LanguageModel.Load(BundledModel.Path, new LanguageModelOptions { Runner = new ModelRunnerOptions { BlockCount = 600 } });
        await Model.WarmUpAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => Model.DisposeAsync();

    public ChannelReader<GenerationEvent> Submit(int[] prompt, int tokens, string salt) => Model.Submit(
        new GenerationRequest { PromptTokens = prompt, MaxTokens = tokens, Salt = salt, IgnoreEndOfSequence = true }, TestContext.Current.CancellationToken);

    public Task<(string Text, GenerationUsage Usage)> Answer(int[] prompt, int tokens, string salt) => Collect(Submit(prompt, tokens, salt));

    public static async Task<(string Text, GenerationUsage Usage)> Collect(ChannelReader<GenerationEvent> answer)
    {
        var text = new StringBuilder();
        await foreach (GenerationEvent item in answer.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            text.Append((item as GenerationEvent.Delta)?.Text);
            if (item is GenerationEvent.Finished end)
            {
                Assert.Null(end.Error);
                return (text.ToString(), end.Usage);
            }
        }

        throw new InvalidOperationException("The answer has no end.");
    }
}
