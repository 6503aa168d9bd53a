using System.Reflection;
using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Dashboard;

/// <summary><c>/dashboard/api/session</c>: who is asking, sign in, sign out.</summary>
internal sealed class SessionEndpoints(AdminGate gate, SessionTickets tickets, AuditLog audit, IOptionsMonitor<AdminOptions> options, TimeProvider time)
{
    private const int LongestKey = 4096;

    private static readonly string Version =
        typeof(SessionEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Answers whoever asks, also who is not signed in; only another site's page is not told.</summary>
    public Task GetAsync(HttpContext context)
    {
        AdminPass pass = gate.Judge(context);
        if (pass.Error is { Status: StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests } refused)
        {
            return DashboardHttp.WriteAsync(context, refused);
        }

        return WriteAsync(context, pass);
    }

    public async Task PostAsync(HttpContext context)
    {
        if (gate.Judge(context).Error is { Status: StatusCodes.Status403Forbidden } refused)
        {
            await DashboardHttp.WriteAsync(context, refused);
            return;
        }

        if (await AdminHttp.ReadBodyAsync(context) is not { } body)
        {
            return;
        }

        JsonFields fields = JsonFields.Parse(body);
        string? key = fields.Text("key", LongestKey);
        if ((fields.Finish() ?? (key is null ? RequestError.Missing("key") : null)) is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        AdminPass pass = gate.Try(context, key!);
        if (pass.Error is not null)
        {
            await DashboardHttp.WriteAsync(context, pass.Error);
            return;
        }

        // Whoever signs in anew leaves no second ticket behind.
        tickets.Revoke(SessionCookie.Find(context.Request));
        string ticket = tickets.Issue(pass.Role, gate.KeyOf(pass.Role), TimeSpan.FromMinutes(options.CurrentValue.SessionMinutes), out DateTimeOffset end);
        SessionCookie.Set(context, ticket, end);
        audit.Write("sign in", pass.Who, RoleName(pass.Role)!, 1);
        await WriteAsync(context, pass with { By = AdminPass.Session, ExpiresAt = end });
    }

    public Task DeleteAsync(HttpContext context)
    {
        AdminPass pass = gate.Judge(context);
        if (pass.Error is { Status: StatusCodes.Status403Forbidden } refused)
        {
            return DashboardHttp.WriteAsync(context, refused);
        }

        if (SessionCookie.Find(context.Request) is { } ticket)
        {
            tickets.Revoke(ticket);
            SessionCookie.Clear(context);
            audit.Write("sign out", pass.Who, RoleName(pass.Role) ?? "", 1);
        }

        return WriteAsync(context, default);
    }

    private Task WriteAsync(HttpContext context, AdminPass pass) => DashboardHttp.WriteAsync(
        context,
        new SessionView(
            RoleName(pass.Role), pass.By is { Length: > 0 } by ? by : null, gate.HasKeys, pass.ExpiresAt,
            pass.Role == AdminRole.Admin ? [] : ["answers", "questions"], pass.Role == AdminRole.Admin, time.GetUtcNow(), Version),
        DashboardJson.Default.SessionView);

    private static string? RoleName(AdminRole role) => role switch
    {
        AdminRole.Admin => "admin",
        AdminRole.Reader => "reader",
        _ => null,
    };
}
