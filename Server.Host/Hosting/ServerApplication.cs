using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Parley.Doctor.Network;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Http;
using Parley.Server.Host.Plugins;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;

namespace Parley.Server.Host.Hosting;

/// <summary>The composition root: puts the XMPP server, the plugins and HTTP onto one Kestrel.</summary>
internal static class ServerApplication
{
    private static readonly string[] TellStart = ["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>Builds the server; nothing runs yet.</summary>
    /// <param name="setup">The configuration.</param>
    /// <param name="add">Adds to the services: what a test puts in the place of the network.</param>
    public static WebApplication Build(LoadedSetup setup, Action<IServiceCollection>? add = null)
    {
        // Empty: no file, variable or argument but our own says anything to it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Parley" });
        var readiness = new Readiness();
        AddLogging(builder.Logging, setup.Settings.Logging.Level, readiness);
        var services = builder.Services;
        services.AddRoutingCore();
        services.AddSingleton<AskStun>(StunQuestion.Ask).AddXmppServer(setup.Settings.Server);
        services.AddSingleton(setup.Configuration);
        services.AddSingleton<IConnectionListeners>(setup.Listeners);
        services.AddSingleton<ContributionTable>().AddSingleton(typeof(IContributions<>), typeof(Contributions<>)).AddSingleton<HttpTable>().AddSingleton<ConnectionTable>().AddSingleton<PluginTables>().AddSingleton<PluginManager>().AddSingleton<ConfigurationReload>();
        services.AddSingleton(readiness).AddSingleton<HttpRules>().AddSingleton<ServerStatus>().AddSingleton<AdministrationKey>();
        Metrics.Add(services);
        services.AddSingleton(setup.Plugins).AddHostedService<PluginsService>().AddXmppRecovery();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(1));
        // Signals are the run command's business: plugins say goodbye while the streams are still open.
        services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => Listen(k, setup.Settings.Server, setup.Listeners));
        add?.Invoke(services);
        var app = builder.Build();
        HttpPipeline.Build(app);
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging, LogLevel level, Readiness readiness)
    {
        // What the frameworks say of every connection is of no use to an operator; and of a start that fails the run command says all that is.
        var isDetailed = level < LogLevel.Information;
        logging.AddFilter((category, entry) => entry >= level
            && (isDetailed || category is null || !category.StartsWith("Microsoft", StringComparison.Ordinal) || (entry >= LogLevel.Warning && (readiness.IsReady || !TellStart.Contains(category)))));
        logging.SetMinimumLevel(level);
        logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            o.UseUtcTimestamp = true;
            o.ColorBehavior = Console.IsOutputRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
        });
    }

    private static void Listen(KestrelServerOptions kestrel, XmppServerSettings settings, MappedListeners mapped)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        // Whoever connects says what they want as soon as who connects by XMPP.
        kestrel.Limits.RequestHeadersTimeout = settings.Limits.AuthenticationTime;
        kestrel.ListenXmpp();
        kestrel.ListenMapped(settings, mapped);
        var (http, https) = (settings.Listeners.Http.Port, settings.Listeners.Https.Port);
        // The command line asks a running server over loopback.
        var isElsewhere = settings.Server.BindAddress is not null && !settings.IsLoopbackOnly && !IsAny(settings.BindAddress);
        if (http > 0)
        {
            kestrel.ListenOnBindAddress(settings, http, Plain);
            if (isElsewhere) kestrel.Listen(IPAddress.Loopback, http, Plain);
        }

        if (https > 0)
        {
            kestrel.ListenOnBindAddress(settings, https, l => Secure(l, mapped));
            if (isElsewhere && http == 0) kestrel.Listen(IPAddress.Loopback, https, l => Secure(l, mapped));
        }
    }

    private static void Plain(ListenOptions http)
    {
        http.Protocols = HttpProtocols.Http1;
        http.UseHttpGate();
    }

    private static void Secure(ListenOptions https, MappedListeners mapped)
    {
        https.UseHttpGate();
        https.Protocols = HttpProtocols.Http1AndHttp2;
        https.UseSharedCertificate(mapped);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
