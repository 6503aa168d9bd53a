using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Runs every model once, so that the first client does not pay for compiling and for reading the weights.</summary>
internal static class ModelWarmUp
{
    /// <exception cref="InvalidOperationException">A model cannot generate.</exception>
    public static async Task RunAsync(ModelCatalog catalog, CancellationToken cancellation)
    {
        foreach (ServedModel model in catalog.Models)
        {
            switch (model)
            {
                case ChatModel chat:
                    EncodeOnce(chat.Prompts);
                    await chat.Engine.WarmUpAsync(cancellation).ConfigureAwait(false);
                    break;
                case EmbeddingModel embedding:
                    embedding.Encoder.Embed(["warm-up"]);
                    break;
            }
        }
    }

    private static void EncodeOnce(IPromptEncoder prompts)
    {
        try
        {
            prompts.EncodeChat([new ChatMessage { Role = "user", Content = [ContentPart.OfText("Say hello.")] }], []);
        }
        catch (PromptException)
        {
            // A model without a chat template serves plain completions.
        }
    }
}
