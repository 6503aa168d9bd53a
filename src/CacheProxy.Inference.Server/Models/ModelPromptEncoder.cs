using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Templates;
using CacheProxy.Inference.Templates.Jinja;
using RequestMessage = CacheProxy.Protocol.OpenAI.ChatMessage;

namespace CacheProxy.Inference.Server.Models;

/// <summary>A model's own encoding, with requests' messages going in and reasons that a client can be told coming out.</summary>
internal sealed class ModelPromptEncoder(LanguageModel model) : IPromptEncoder
{
    // What the endpoints can pass on: the engine does not parse tool calls out of answers yet, whatever the template can render.
    public bool SupportsTools => false;

    public int[] EncodeChat(IReadOnlyList<RequestMessage> messages)
    {
        if (model.Template is null)
        {
            throw new PromptException("the model has no chat template; use /v1/completions.");
        }

        try
        {
            return model.EncodeChat(new ChatTemplateInput { Messages = [.. messages.Select(ToTemplate)] });
        }
        catch (JinjaException refusal)
        {
            throw new PromptException($"the model's chat template does not accept these messages: {refusal.Message}", refusal);
        }
    }

    public int[] EncodeText(string text) => model.EncodeText(text, parseSpecial: true);

    // The developer role is OpenAI's newer name of the system role; templates know the older one.
    private static ChatMessage ToTemplate(RequestMessage message)
        => new(message.Role == "developer" ? "system" : message.Role, message.Text) { Name = message.Name };
}
