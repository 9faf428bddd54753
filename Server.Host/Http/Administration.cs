using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Security;

namespace Parley.Server.Host.Http;

/// <summary>What the command line asks of a running server. <see cref="HttpRules"/> lets only this machine come here; changing something needs the key in the data directory too.</summary>
internal static class Administration
{
    public static void Map(WebApplication app)
    {
        var status = app.Services.GetRequiredService<ServerStatus>();
        var plugins = app.Services.GetRequiredService<PluginManager>();
        var key = app.Services.GetRequiredService<AdministrationKey>();
        app.MapGet(HttpPaths.Status, context => WriteAsync(context, StatusCodes.Status200OK, status.Read()));
        app.MapPost(HttpPaths.Plugins + "/{name}/{verb}", context => ChangeAsync(context, plugins, key));
        var reload = app.Services.GetRequiredService<ConfigurationReload>();
        var certificates = app.Services.GetRequiredService<CertificateStore>();
        app.MapPost(HttpPaths.Reload, context => ReloadAsync(context, reload, certificates, key));
        var contributions = app.Services.GetRequiredService<ContributionTable>();
        app.MapPost(HttpPaths.TurnSecret, context => RotateAsync(context, contributions, key));
    }

    private static async Task ReloadAsync(HttpContext context, ConfigurationReload reload, CertificateStore certificates, AdministrationKey key)
    {
        if (!await AdmitAsync(context, key)) return;
        try
        {
            reload.Run();
            if (certificates.LookAgain() is { } fault) await AnswerAsync(context, StatusCodes.Status409Conflict, "The configuration was read again. " + fault);
            else await AnswerAsync(context, StatusCodes.Status200OK, "The configuration was read again. What is below Server, Listeners, Auth, Guests, Logging, Media and Turn counts at the next start.");
        }
        catch (ConfigurationException e)
        {
            await AnswerAsync(context, StatusCodes.Status409Conflict, string.Join('\n', e.Faults));
        }
        catch (StartFailureException e)
        {
            await AnswerAsync(context, StatusCodes.Status409Conflict, e.Message);
        }
    }

    private static async Task RotateAsync(HttpContext context, ContributionTable contributions, AdministrationKey key)
    {
        if (!await AdmitAsync(context, key)) return;
        var isRevoking = context.Request.Query["revoke"] == "true";
        if (contributions.Of<ITurnSecrets>() is not [var secrets, ..]) await AnswerAsync(context, StatusCodes.Status409Conflict, "No plugin that has TURN secrets runs.");
        else if (await secrets.RotateAsync(isRevoking, context.RequestAborted) is not { } until)
            await AnswerAsync(context, StatusCodes.Status409Conflict, "The secret is the configuration's (Plugins:TurnCredentials:Secret); change it there and reload the plugin.");
        else if (isRevoking) await AnswerAsync(context, StatusCodes.Status200OK, "There is a new secret, and credentials made with a former one make no more allocations.");
        else await AnswerAsync(context, StatusCodes.Status200OK, $"There is a new secret; credentials made with the former one count until {until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}.");
    }

    private static async Task<bool> AdmitAsync(HttpContext context, AdministrationKey key)
    {
        if (key.Matches(context.Request.Headers.Authorization)) return true;
        await AnswerAsync(context, StatusCodes.Status401Unauthorized, "The key is wrong or missing.");
        return false;
    }

    private static async Task ChangeAsync(HttpContext context, PluginManager plugins, AdministrationKey key)
    {
        if (!await AdmitAsync(context, key)) return;
        var name = (string)context.Request.RouteValues["name"]!;
        try
        {
            switch ((string)context.Request.RouteValues["verb"]!)
            {
                case "enable":
                    await plugins.EnableAsync(name, context.RequestAborted);
                    await AnswerAsync(context, StatusCodes.Status200OK, $"{name} runs.");
                    break;
                case "disable":
                    await AnswerAsync(context, StatusCodes.Status200OK, await plugins.DisableAsync(name, context.RequestAborted) ? $"{name} is off." : $"{name} is off, but did not let go of its memory.");
                    break;
                case "reload":
                    await AnswerAsync(context, StatusCodes.Status200OK, await plugins.ReloadAsync(name, context.RequestAborted) ? $"{name} runs anew." : $"{name} runs anew, but its former self did not let go of its memory.");
                    break;
                default:
                    await AnswerAsync(context, StatusCodes.Status404NotFound, "There is enable, disable and reload.");
                    break;
            }
        }
        catch (Exception e) when (e is PluginFaultException or StartFailureException)
        {
            await AnswerAsync(context, StatusCodes.Status409Conflict, e.Message);
        }
    }

    /// <summary>Answers with a line for people.</summary>
    public static Task AnswerAsync(HttpContext context, int status, string message) => WriteAsync(context, status, new { message });

    private static Task WriteAsync(HttpContext context, int status, object value)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(JsonSerializer.Serialize(value) + "\n", context.RequestAborted);
    }
}
