using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>.</summary>
internal sealed class ModelsEndpoint(ServedModels models)
{
    public Task ListAsync(HttpContext context)
    {
        var list = new ModelList { Data = [.. models.GetCatalog().Models.Select(model => model.ToInfo())] };
        return JsonAnswer.WriteAsync(context, list, OpenAIJson.Default.ModelList);
    }

    public Task GetAsync(HttpContext context)
    {
        string id = context.Request.RouteValues["id"] as string ?? "";
        return JsonAnswer.WriteAsync(context, models.Get<ServedModel>(id).ToInfo(), OpenAIJson.Default.ModelInfo);
    }
}
