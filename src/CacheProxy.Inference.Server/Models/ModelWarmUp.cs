using System.Threading.Channels;
using CacheProxy.Inference.Generation;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Runs every model once, so that the first client does not pay for compiling and for reading the weights.</summary>
internal static class ModelWarmUp
{
    // A pool of its own: what the warm-up computes is of no use to any client.
    private const string Salt = "cacheproxy warm-up";
    private const int Tokens = 8;

    /// <exception cref="InvalidOperationException">A model cannot generate.</exception>
    public static async Task RunAsync(ModelCatalog catalog, CancellationToken cancellation)
    {
        foreach (ServedModel model in catalog.Models)
        {
            switch (model)
            {
                case ChatModel chat:
                    await GenerateAsync(chat, cancellation).ConfigureAwait(false);
                    break;
                case EmbeddingModel embedding:
                    embedding.Encoder.Embed(["warm-up"]);
                    break;
            }
        }
    }

    private static async Task GenerateAsync(ChatModel model, CancellationToken cancellation)
    {
        int[] prompt = model.Prompts.EncodeChat([new ChatMessage { Role = "user", Content = [ContentPart.OfText("Say hello.")] }]);
        ChannelReader<GenerationEvent> events = model.Engine.Submit(
            new GenerationRequest { PromptTokens = prompt, MaxTokens = Tokens, IgnoreEndOfSequence = true, Salt = Salt }, cancellation);
        await foreach (GenerationEvent item in events.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (item is GenerationEvent.Finished { Reason: FinishReason.Error } failed)
            {
                throw new InvalidOperationException($"The model {model.Id} cannot generate: {failed.Error}");
            }
        }
    }
}
