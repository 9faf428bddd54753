using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;

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
    }

    private static async Task ChangeAsync(HttpContext context, PluginManager plugins, AdministrationKey key)
    {
        if (!key.Matches(context.Request.Headers.Authorization))
        {
            await AnswerAsync(context, StatusCodes.Status401Unauthorized, "The key is wrong or missing.");
            return;
        }

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
