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
        if (request.Tools.Count > 0 && request.ToolChoice != "none")
        {
            return NoTools("tools", model);
        }

        if (request.ToolChoice is not (null or "none" or "auto"))
        {
            return RequestError.InvalidValue("tool_choice", "only allowed when 'tools' are specified.");
        }

        if (request.Modalities.FirstOrDefault(modality => modality != "text") is { } other)
        {
            return RequestError.UnsupportedValue("modalities", $"Invalid parameter: the model '{model.Id}' does not produce '{other}'.");
        }

        return request.Messages.Select((message, i) => FindInMessage(message, i, model)).FirstOrDefault(error => error is not null);
    }

    private static RequestError? FindInMessage(ChatMessage message, int index, ChatModel model)
    {
        if (message.Role is "tool" or "function" || message.ToolCalls.Count > 0)
        {
            return NoTools($"messages[{index}]", model);
        }

        int part = message.Content.ToList().FindIndex(content => content.Text is null);
        return part < 0 ? null : RequestError.UnsupportedValue(
            $"messages[{index}].content[{part}]", $"Invalid content type '{message.Content[part].Type}': the model '{model.Id}' reads text only.");
    }

    private static RequestError NoTools(string param, ChatModel model)
        => RequestError.Unsupported(param, $"Unsupported parameter: '{param}'. The model '{model.Id}' does not support tools.");
}
