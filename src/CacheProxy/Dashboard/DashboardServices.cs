using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Files;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Dashboard;

/// <summary>What <c>/dashboard</c> is made of, and its paths.</summary>
public static class DashboardServices
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static IServiceCollection AddDashboard(this IServiceCollection services) => services
        .AddSingleton<PageFiles>()
        .AddSingleton<PageEndpoint>()
        .AddSingleton<SessionEndpoints>();

    public static void MapDashboard(this WebApplication app)
    {
        var session = app.Services.GetRequiredService<SessionEndpoints>();
        app.MapGet("/dashboard/api/session", (RequestDelegate)session.GetAsync);
        app.MapPost("/dashboard/api/session", (RequestDelegate)session.PostAsync);
        app.MapDelete("/dashboard/api/session", (RequestDelegate)session.DeleteAsync);

        // Never the upstream's.
        app.Map("/dashboard/api/{**path}", app.Guarded(AdminRole.Reader, static (context, _)
            => DashboardHttp.WriteAsync(context, RequestError.NotFound(context.Request.Method, context.Request.Path))));
        app.MapMethods("/dashboard/{**path}", Reading, (RequestDelegate)app.Services.GetRequiredService<PageEndpoint>().GetAsync);
        app.Map("/dashboard/{**path}", (RequestDelegate)(context
            => DashboardHttp.WriteAsync(context, RequestError.MethodNotAllowed(context.Request.Method, context.Request.Path))));
    }

    private static RequestDelegate Guarded(this WebApplication app, AdminRole needed, Func<HttpContext, AdminPass, Task> endpoint)
    {
        var gate = app.Services.GetRequiredService<AdminGate>();
        return context => gate.TryPass(context, needed, out AdminPass pass)
            ? endpoint(context, pass)
            : DashboardHttp.WriteAsync(context, pass.Error!);
    }
}
