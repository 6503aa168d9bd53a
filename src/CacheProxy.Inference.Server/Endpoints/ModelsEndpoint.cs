using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.Anthropic;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>, in the shape of the client that asks.</summary>
internal sealed class ModelsEndpoint(ServedModels models)
{
    public Task ListAsync(HttpContext context)
    {
        ModelInfo[] all = [.. models.GetCatalog().Models.Select(model => model.ToInfo())];
        return MessageDialect.IsUsedBy(context.Request)
            ? JsonAnswer.WriteAsync(context, ModelPage.ToJson(all))
            : JsonAnswer.WriteAsync(context, new ModelList { Data = all }, OpenAIJson.Default.ModelList);
    }

    public Task GetAsync(HttpContext context)
    {
        string id = context.Request.RouteValues["id"] as string ?? "";
        ModelInfo model = models.Get<ServedModel>(id).ToInfo();
        return MessageDialect.IsUsedBy(context.Request)
            ? JsonAnswer.WriteAsync(context, ModelPage.ToJson(model)) : JsonAnswer.WriteAsync(context, model, OpenAIJson.Default.ModelInfo);
    }
}
