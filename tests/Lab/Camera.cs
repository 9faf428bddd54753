
namespace Parley.tests.Lab;

/// <summary>A camera of one colour for programs that find theirs through GStreamer, as Dino does: a plugin that is compiled here (<c>camera.c</c> beside this file), since Linux without modules has no other.</summary>
public static class Camera
{
    private static readonly Lazy<string> Folder = new(Compile);

    /// <summary>What to put into the environment of whoever shall have it, as <c>NAME=value</c>.</summary>
    /// <param name="colour">Six hexadecimal digits.</param>
    public static string[] Variables(string colour) => ["GST_PLUGIN_PATH=" + Folder.Value, "CAMERA_COLOUR=0xff" + colour];

    private static string Compile()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is not installed: run tests/setup.");
        var folder = Directory.CreateTempSubdirectory("parley-camera-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        // What it calls is in the program that loads it.
        Shell.Run("gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", Path.Combine(folder, "libgstcamera.so"), Path.Combine(AppContext.BaseDirectory, "camera.c"));
        return folder;
    }
}
