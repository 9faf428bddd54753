using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.MediaRelay;

[assembly: XmppPlugin(typeof(MediaRelayPlugin))]

namespace Parley.Plugins.MediaRelay;

/// <summary>Runs the media relay in this process and offers it to whoever leads conferences.</summary>
public sealed class MediaRelayPlugin : IXmppPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin) => plugin
        .AddOptions<MediaOptions>("Media", MediaOptions.Validate)
        .Contribute<IMediaRelay, LocalRelay>()
        .Contribute<IStatusSource, RelayStatus>()
        .AddHostedService<RelayHost>();
}
