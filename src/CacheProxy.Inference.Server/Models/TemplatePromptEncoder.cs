using CacheProxy.Inference.Templates;
using CacheProxy.Inference.Templates.Jinja;
using CacheProxy.Onnx.Tokenizers;
using RequestMessage = CacheProxy.Protocol.OpenAI.ChatMessage;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Encodes prompts with the tokenizer and the chat template of a model file.</summary>
/// <param name="template">Null: the model has none and cannot chat.</param>
/// <param name="beginToken">Stands in front of raw prompts; null: nothing does.</param>
internal sealed class TemplatePromptEncoder(ITokenizer tokenizer, ChatTemplate? template, int? beginToken) : IPromptEncoder
{
    private readonly PromptEncoder _chat = new(tokenizer);

    // What the endpoints can pass on: the engine does not parse tool calls out of answers yet, whatever the template can render.
    public bool SupportsTools => false;

    public int[] EncodeChat(IReadOnlyList<RequestMessage> messages)
    {
        if (template is null)
        {
            throw new PromptException("the model has no chat template; use /v1/completions.");
        }

        try
        {
            return _chat.Encode(template.Render(new ChatTemplateInput { Messages = [.. messages.Select(ToTemplate)] }));
        }
        catch (JinjaException refusal)
        {
            throw new PromptException($"the model's chat template does not accept these messages: {refusal.Message}", refusal);
        }
    }

    public int[] EncodeText(string text)
    {
        var ids = new List<int>((text.Length / 3) + 4);
        if (beginToken is { } begin)
        {
            ids.Add(begin);
        }

        tokenizer.Encode(text, parseSpecial: true, ids);
        return [.. ids];
    }

    // The developer role is OpenAI's newer name of the system role; templates know the older one.
    private static ChatMessage ToTemplate(RequestMessage message)
        => new(message.Role == "developer" ? "system" : message.Role, message.Text) { Name = message.Name };
}
