using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary>Refuses by name what the model or the engine cannot do. Answering as if it had not been asked for would be a wrong answer.</summary>
internal static class UnsupportedChatFeatures
{
    /// <exception cref="RequestErrorException">The first thing found.</exception>
    public static void Refuse(ChatCompletionRequest request, ChatModel model)
    {
        if (Find(request, model) is { } error)
        {
            throw new RequestErrorException(error);
        }
    }

    private static RequestError? Find(ChatCompletionRequest request, ChatModel model)
    {
        if (request.Tools.Count == 0 && request.ToolChoice.Kind is (ToolChoiceKind.Required or ToolChoiceKind.Function))
        {
            return RequestError.InvalidValue("tool_choice", "only allowed when 'tools' are specified.");
        }

        if (request.Tools.Count > 0 && request.ToolChoice.Kind != ToolChoiceKind.None && FindInTools(request, model) is { } error)
        {
            return error;
        }

        if (request.Modalities.FirstOrDefault(modality => modality != "text") is { } other)
        {
            return RequestError.UnsupportedValue("modalities", $"Invalid parameter: the model '{model.Id}' does not produce '{other}'.");
        }

        return request.Messages.Select(message => FindInMessage(message, model)).FirstOrDefault(error => error is not null);
    }

    private static RequestError? FindInTools(ChatCompletionRequest request, ChatModel model)
    {
        if (model.Prompts.ToolFormat is null)
        {
            return NoTools("tools", model);
        }

        int other = request.Tools.ToList().FindIndex(tool => tool.Type != "function");
        if (other >= 0)
        {
            return RequestError.UnsupportedValue($"tools[{other}].type", $"'{request.Tools[other].Type}' is not supported: only functions of the client's own are.");
        }

        string[] chosen = [.. request.ToolChoice.Allowed ?? [], .. request.ToolChoice.Name is { } one ? [one] : Array.Empty<string>()];
        return request.ToolChoice is { Kind: ToolChoiceKind.Required, Allowed: [] }
            ? RequestError.InvalidValue("tool_choice", "a call is required, but no tool is allowed.")
            : chosen.FirstOrDefault(name => request.Tools.All(tool => tool.Name != name)) is { } unknown
                ? RequestError.InvalidValue("tool_choice", $"the function '{unknown}' is not in 'tools'.") : null;
    }

    private static RequestError? FindInMessage(ChatMessage message, ChatModel model)
    {
        if (model.Prompts.ToolFormat is null && (message.Role is "tool" or "function" || message.ToolCalls.Count > 0))
        {
            return NoTools(message.Path, model);
        }

        return message.Content.FirstOrDefault(part => part.Text is null) is { } other
            ? RequestError.UnsupportedValue(other.Path, $"Invalid content type '{other.Type}': the model '{model.Id}' reads text only.") : null;
    }

    private static RequestError NoTools(string param, ChatModel model)
        => RequestError.Unsupported(param, $"Unsupported parameter: '{param}'. The model '{model.Id}' does not support tools.");
}
