using System.Diagnostics.Metrics;
using DropIn;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

[assembly: XmppPlugin(typeof(DropInPlugin))]

namespace DropIn;

/// <summary>How the plugin misbehaves.</summary>
public enum Fault
{
    /// <summary>It does not.</summary>
    None,
    /// <summary>Its hosted service does not start.</summary>
    Start,
    /// <summary>It leaves a thread behind.</summary>
    Linger,
    /// <summary>Its hosted service never stops.</summary>
    Stall,
    /// <summary>Its hosted service blocks the thread that stops it.</summary>
    Block,
    /// <summary>Its hosted service blocks the thread that disposes it.</summary>
    Hang,
    /// <summary>It takes every thread that there is, so that nothing asynchronous goes on, timers neither.</summary>
    Starve,
}

/// <summary>The section <c>Plugins:DropIn</c>.</summary>
public sealed class DropInOptions
{
    public string Greeting { get; set; } = "hello";

    public Fault Fault { get; set; }

    public int Size { get; set; } = 1;
}

/// <summary>Uses every verb of the contract, so that a test of unloading sees all that could hold a plugin.</summary>
public sealed class DropInPlugin : IXmppPlugin
{
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<DropGauge>();
        plugin
            .AddOptions<DropInOptions>(validate: o => o.Size is > 0 and < 10 ? [] : ["Size: must be between 1 and 9"])
            .OnIqGet<Answer>("urn:parley:test:drop-in", "ask")
            .OnIqGet<Answer>("urn:parley:test:drop-in", "ask", IqTarget.Component, "drop")
            .OnMessage<Watcher>(StanzaPoint.FromLocalSession)
            .OnPresence<Watcher>(StanzaPoint.ToSession, -1)
            .AddComponent<Drop>("drop")
            .AddFeature("urn:parley:test:feature")
            .Contribute<IStatusSource, Drop>()
            .AddHostedService<Service>()
            .MapHttp<Page>("/drop-in");
    }
}

public sealed class Answer(IOptionsMonitor<DropInOptions> options) : IIqHandler
{
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) =>
        new(iq.Result(new Element("answer", "urn:parley:test:drop-in").Text(options.CurrentValue.Greeting)));
}

public sealed class Watcher(ILogger<Watcher> log) : IMessageInterceptor, IPresenceInterceptor
{
    public ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        log.LogDebug("A message");
        return new(Interception.Continue);
    }

    public ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct) => new(Interception.Continue);
}

public sealed class Drop : IComponent, IStatusSource
{
    public string Name => "dropIn";

    public ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct) => default;

    public DiscoInfo? Describe(Jid address, string? node) => new([new DiscoIdentity("component", "generic")], []);

    public IReadOnlyDictionary<string, object?> Read() => new Dictionary<string, object?> { ["drops"] = 1 };
}

public sealed class Page(IOptions<DropInOptions> options) : IHttpHandler
{
    public Task HandleAsync(HttpContext context) => context.Response.WriteAsync($"{options.Value.Greeting} {context.Request.PathBase} {context.Request.Path}");
}

/// <summary>Observed from outside for as long as its meter lives.</summary>
public sealed class DropGauge
{
    private readonly Meter _meter;

    public DropGauge(IMeterFactory meters)
    {
        _meter = meters.Create("drop-in");
        _meter.CreateObservableGauge("drops", () => Value);
    }

    public int Value { get; } = 1;
}

public sealed class Service(IOptions<DropInOptions> options, DropGauge gauge, IContributions<IStatusSource> others) : IHostedService, IDisposable
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Fault == Fault.Start) throw new InvalidOperationException($"the port {gauge.Value} is taken, {others.Items.Count} watch");
        if (options.Value.Fault == Fault.Linger) new Thread(Linger) { IsBackground = true }.Start();
        return Task.CompletedTask;
    }

    // Deaf to the token too, which is what a host must be ready for.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Fault == Fault.Block) Thread.Sleep(Timeout.Infinite);
        for (var i = 0; options.Value.Fault == Fault.Starve && i < 1000; i++) ThreadPool.UnsafeQueueUserWorkItem(_ => Thread.Sleep(Timeout.Infinite), null);
        return options.Value.Fault == Fault.Stall ? Task.Delay(Timeout.Infinite, CancellationToken.None) : Task.CompletedTask;
    }

    public void Dispose()
    {
        if (options.Value.Fault == Fault.Hang) Thread.Sleep(Timeout.Infinite);
    }

    private static void Linger()
    {
        for (var end = Environment.TickCount64 + 30_000; Environment.TickCount64 < end;) Thread.Sleep(50);
    }
}
