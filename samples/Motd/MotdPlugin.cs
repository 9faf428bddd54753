using Microsoft.Extensions.Options;
using Motd;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Xml;

[assembly: XmppPlugin(typeof(MotdPlugin))]

namespace Motd;

/// <summary>The section <c>Plugins:Motd</c>.</summary>
public sealed class MotdOptions
{
    /// <summary>What everybody is told.</summary>
    public string Text { get; set; } = "Hello";
}

/// <summary>Answers a question of its own with a text that the operator chooses.</summary>
public sealed class MotdPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin) => plugin
        .AddOptions<MotdOptions>()
        .OnIqGet<MotdHandler>("urn:acme:motd", "motd");
}

/// <summary>Answers the question.</summary>
public sealed class MotdHandler(IOptionsMonitor<MotdOptions> options) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) =>
        new(iq.Result(new Element("motd", "urn:acme:motd").Text(options.CurrentValue.Text)));
}
