using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Server.Host.Http;

/// <summary>What <c>./parley tool</c> asks of a running server: media tools in call rooms. All of it needs the key.</summary>
internal static class ToolAdministration
{
    public static void Map(WebApplication app)
    {
        var contributions = app.Services.GetRequiredService<ContributionTable>();
        var key = app.Services.GetRequiredService<AdministrationKey>();
        app.MapPost(HttpPaths.Tools + "/{verb}", async context =>
        {
            if (!key.Matches(context.Request.Headers.Authorization)) await Administration.AnswerAsync(context, StatusCodes.Status401Unauthorized, "The key is wrong or missing.");
            else if (contributions.Of<IMediaTools>() is not [var tools, ..]) await Administration.AnswerAsync(context, StatusCodes.Status409Conflict, "No plugin that serves call rooms runs.");
            else await RunAsync(context, tools);
        });
    }

    private static async Task RunAsync(HttpContext context, IMediaTools tools)
    {
        var query = context.Request.Query;
        switch ((string)context.Request.RouteValues["verb"]!)
        {
            case "list":
                await Administration.AnswerAsync(context, StatusCodes.Status200OK, string.Join('\n', tools.List().Select(t => $"{t.Id} {t.Room} {(t.IsConnected ? "connected" : "waiting")} {t.Name}")));
                break;
            case "connect" when Read(query) is { } request:
                var made = await tools.ConnectAsync(request, context.RequestAborted);
                await Administration.AnswerAsync(context, made.Result == MediaToolResult.Done ? StatusCodes.Status200OK : StatusCodes.Status409Conflict, made.Text.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd());
                break;
            case "disconnect":
                var wasThere = await tools.DisconnectAsync(query["id"].ToString(), context.RequestAborted);
                await Administration.AnswerAsync(context, wasThere ? StatusCodes.Status200OK : StatusCodes.Status409Conflict, wasThere ? "The tool is out of the call." : "There is no tool of that id.");
                break;
            default:
                await Administration.AnswerAsync(context, StatusCodes.Status400BadRequest, "There is list, connect with a room, an address and ports, and disconnect with an id.");
                break;
        }
    }

    private static MediaToolRequest? Read(IQueryCollection query)
    {
        if (!Jid.TryParse(query["room"], out var room) || !IPAddress.TryParse(query["address"], out var address)) return null;
        return new MediaToolRequest(room, query["name"].ToString(), address, Stream(query, "audio"), Stream(query, "video"));
    }

    private static MediaToolStream? Stream(IQueryCollection query, string kind)
    {
        if (!int.TryParse(query[$"{kind}-port"], NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return null;
        int? payload = int.TryParse(query[$"{kind}-payload"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        var direction = query[$"{kind}-direction"].ToString() switch
        {
            "sendonly" => MediaToolDirection.SendOnly,
            "recvonly" => MediaToolDirection.ReceiveOnly,
            _ => MediaToolDirection.SendReceive,
        };
        return new MediaToolStream(port, query[kind].ToString(), payload, direction, query["rtcp-mux"] == "true");
    }
}
