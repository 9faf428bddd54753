using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;

namespace Parley.Server.Host.Http;

/// <summary>Everything that is served over HTTP.</summary>
internal static class HttpPipeline
{
    public static void Build(WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Parley.Http");
        app.Use(HttpGate.ServeAsync);
        app.Use((context, next) => CatchAsync(context, next, log));
        ProxiedRequests.Use(app, app.Services.GetRequiredService<XmppServerSettings>(), log);
        var rules = app.Services.GetRequiredService<HttpRules>();
        app.Use(rules.InvokeAsync);
        var rate = app.Services.GetRequiredService<RequestRate>();
        app.Use((context, next) => IsFree(context.Request) || rate.TryPass(context) ? next(context) : Task.CompletedTask);
        app.UseWebSockets();
        var ready = app.Services.GetRequiredService<Readiness>();
        MapRead(app, HttpPaths.Health, context => HealthAsync(context, ready));
        MapRead(app, HttpPaths.HostMeta, HostMeta.WriteXmlAsync);
        MapRead(app, HttpPaths.HostMetaJson, HostMeta.WriteJsonAsync);
        app.MapXmppWebSocket(HttpPaths.WebSocket);
        app.MapXmppBosh(HttpPaths.Bosh);
        Administration.Map(app);
        Metrics.Map(app);
        RoomAdministration.Map(app);
        ToolAdministration.Map(app);
        InviteAdministration.Map(app);
        var plugins = app.Services.GetRequiredService<HttpTable>();
        app.MapGet("/", context => Front(context, plugins));
        app.MapFallback("{**path}", context => PluginAsync(context, plugins));
    }

    // What is only read; other methods are refused (RFC 9110 section 15.5.6), where the fallback would say that nothing is there.
    private static void MapRead(WebApplication app, string path, RequestDelegate serve)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        app.MapMethods(path, methods, serve);
        app.Map(path, context =>
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = string.Join(", ", methods);
            return Task.CompletedTask;
        });
    }

    // What costs next to nothing, and what a roomful of people behind one address fetches at once. BOSH counts by itself: only it knows what belongs to a session.
    private static bool IsFree(HttpRequest request) => request.Path.Equals(HttpPaths.Health, StringComparison.Ordinal) || request.Path.Equals(HttpPaths.Bosh, StringComparison.Ordinal)
        || (request.Path.StartsWithSegments(HttpPaths.Meet, StringComparison.Ordinal) && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)));

    private static Task HealthAsync(HttpContext context, Readiness ready)
    {
        context.Response.StatusCode = ready.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(ready.IsReady ? "ok\n" : "starting or stopping\n", context.RequestAborted);
    }

    // Whoever types the bare address wants the page that people use.
    private static Task Front(HttpContext context, HttpTable plugins)
    {
        if (plugins.Find(HttpPaths.Meet, out _) is null) context.Response.StatusCode = StatusCodes.Status404NotFound;
        else context.Response.Redirect(HttpPaths.Meet + "/");
        return Task.CompletedTask;
    }

    private static Task PluginAsync(HttpContext context, HttpTable plugins)
    {
        if (plugins.Find(context.Request.Path, out var rest) is not { } found)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Request.PathBase = context.Request.PathBase.Add(found.Prefix);
        context.Request.Path = rest;
        return found.Handler.HandleAsync(context);
    }

    private static async Task CatchAsync(HttpContext context, RequestDelegate next, ILogger log)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            // The caller learns that it failed, the log learns why.
            log.LogError(500, e, "Answering {Method} {Path} failed", context.Request.Method, context.Request.PathBase + context.Request.Path);
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }
}
