using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Meet;

[assembly: XmppPlugin(typeof(MeetPlugin))]

namespace Parley.Plugins.Meet;

/// <summary>Serves the call page at <c>/meet/</c>.</summary>
public sealed class MeetPlugin : IXmppPlugin
{
    internal const string Prefix = "/meet";

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<WebFiles>().AddSingleton<PageGuard>().AddSingleton<PageConfig>();
        plugin.AddOptions<MeetOptions>("Meet").MapHttp<MeetHandler>(Prefix);
    }
}
