using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Upload;

[assembly: XmppPlugin(typeof(UploadPlugin))]

namespace Parley.Plugins.Upload;

/// <summary>Keeps files that people send to one another (XEP-0363).</summary>
public sealed class UploadPlugin : IXmppPlugin
{
    /// <summary>Where files are, over HTTP.</summary>
    internal const string Prefix = "/upload";

    private const string Component = "upload";

    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton<UploadStore>().AddSingleton<FileArea>().AddSingleton<UploadUse>().AddSingleton<UploadUrls>().AddSingleton<FileReception>().AddSingleton<FileDelivery>();
        plugin
            .AddOptions<UploadOptions>(validate: UploadOptions.Validate)
            .AddTables(UploadStore.Steps)
            .AddComponent<UploadComponent>(Component)
            .OnIqGet<SlotHandler>(SlotRequest.Namespace, "request", IqTarget.Component, Component)
            .MapHttp<UploadHandler>(Prefix)
            .AddHostedService<Purge>()
            .Contribute<IStatusSource, UploadStatus>();
    }
}
