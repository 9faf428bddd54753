using Microsoft.Extensions.DependencyInjection;
using Parley.Media.Control;
using Parley.Media.Core.Turn;
using Parley.Plugin.Abstractions;
using Parley.Plugins.MediaRelay;

[assembly: XmppPlugin(typeof(MediaRelayPlugin))]

namespace Parley.Plugins.MediaRelay;

/// <summary>Runs the media relay and the TURN server in this process, offers the one to whoever leads conferences and the other to clients.</summary>
public sealed class MediaRelayPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<ITurnKeys, TurnKeys>();
        plugin
            .AddOptions<MediaOptions>("Media", MediaOptions.Validate)
            .AddOptions<TurnOptions>("Turn", TurnOptions.Validate)
            .Contribute<IMediaRelay, LocalRelay>()
            .Contribute<IExternalServiceSource, TurnSetup>()
            .Contribute<IStatusSource, RelayStatus>()
            .Contribute<IStatusSource, TurnStatus>()
            .Contribute<IAccountObserver, TurnRevocation>()
            .AddHostedService<RelayHost>()
            .AddHostedService<RelayMeters>()
            .AddHostedService<TurnMeters>()
            .MapConnection<TurnConnections, TurnOptions>(new(TurnOptions.PortKey), o => o.Enabled ? o.Port : 0)
            .MapConnection<TurnConnections, TurnOptions>(new(TurnOptions.TlsPortKey, IsTls: true, TurnConnections.Protocols), o => o.Enabled ? o.TlsPort : 0)
            .ShareHttps<TurnConnections, TurnOptions>(new(TurnOptions.ShareHttpsKey, IsTls: true, TurnConnections.Protocols), o => o.Enabled && o.ShareHttps);
    }
}
