/* A camera for programs that find theirs through GStreamer's device providers, on machines that have none: a plugin with one provider, whose one device is a videotestsrc in the
   colour of the variable CAMERA_COLOUR (0xffRRGGBB). What it needs of GLib and GStreamer 1.x is declared here, so that a C compiler and the libraries themselves are all it takes:
   layouts that must be known are asked of the type system, but for the fields after the parent's of two class structures and GstPluginDesc, which are part of the ABI. */
#include <stddef.h>
#include <stdlib.h>

typedef size_t GType;
typedef struct { GType type; const char *name; unsigned class_size, instance_size; } GTypeQuery;
typedef struct _GList GList;
typedef void (*Init)(void *);

GType g_type_register_static_simple(GType parent, const char *name, unsigned class_size, Init class_init, unsigned instance_size, Init instance_init, int flags);
void g_type_query(GType type, GTypeQuery *query);
void *g_object_new(GType type, const char *first, ...);
void g_object_set(void *object, const char *first, ...);
GList *g_list_append(GList *list, void *data);

GType gst_object_get_type(void);
GType gst_device_get_type(void);
GType gst_device_provider_get_type(void);
void *gst_object_ref_sink(void *object);
void *gst_caps_from_string(const char *text);
void *gst_structure_new_empty(const char *name);
void gst_structure_free(void *structure);
void gst_mini_object_unref(void *object);
void *gst_element_factory_make(const char *factory, const char *name);
void *gst_element_get_static_pad(void *element, const char *name);
unsigned long gst_pad_add_probe(void *pad, int mask, int (*callback)(void *pad, void *info, void *begun), void *begun, void (*destroy)(void *));
void gst_object_unref(void *object);
long g_get_monotonic_time(void);
void *g_malloc(size_t bytes);
void g_free(void *memory);
void gst_util_set_object_arg(void *object, const char *name, const char *value);
void gst_device_provider_device_add(void *provider, void *device);
void gst_device_provider_class_set_static_metadata(void *klass, const char *name, const char *kind, const char *description, const char *author);
int gst_device_provider_register(void *plugin, const char *name, unsigned rank, GType type);

/* What follows GstObjectClass in GstDeviceClass and in GstDeviceProviderClass. */
typedef struct { void *(*create_element)(void *device, const char *name); } DeviceVirtuals;
typedef struct { void *factory; GList *(*probe)(void *provider); int (*start)(void *provider); void (*stop)(void *provider); } ProviderVirtuals;

typedef struct {
  int major, minor;
  const char *name, *description;
  int (*init)(void *plugin);
  const char *version, *license, *source, *package, *origin, *released;
  void *reserved[4];
} GstPluginDesc;

static GType device_type;

static void *after_object_class(void *klass) {
  GTypeQuery object;
  g_type_query(gst_object_get_type(), &object);
  return (char *)klass + object.class_size;
}

/* A real camera gives its first picture some time after it was opened. Programs count on it without knowing: Dino links its encoder to a camera that runs, and a picture that comes
   just then stops that camera for good, as the encoder is not ready (GST_FLOW_FLUSHING). */
enum { START_US = 800 * 1000, PROBE_BUFFER = 1 << 4, PROBE_DROP = 0, PROBE_OK = 1 };

static int hold_back(void *pad, void *info, void *begun) {
  long *first = begun;
  (void)pad, (void)info;
  if (*first == 0) *first = g_get_monotonic_time();
  return g_get_monotonic_time() - *first < START_US ? PROBE_DROP : PROBE_OK;
}

static void *create_element(void *device, const char *name) {
  (void)device;
  void *source = gst_element_factory_make("videotestsrc", name);
  const char *colour = getenv("CAMERA_COLOUR");
  g_object_set(source, "is-live", 1, NULL);
  gst_util_set_object_arg(source, "pattern", colour ? "solid-color" : "ball");
  if (colour) gst_util_set_object_arg(source, "foreground-color", colour);
  long *begun = g_malloc(sizeof *begun);
  *begun = 0;
  void *pad = gst_element_get_static_pad(source, "src");
  gst_pad_add_probe(pad, PROBE_BUFFER, hold_back, begun, g_free);
  gst_object_unref(pad);
  return source;
}

static void *camera(void) {
  void *caps = gst_caps_from_string("video/x-raw,format=I420,width=320,height=180,framerate=10/1");
  void *properties = gst_structure_new_empty("camera");
  void *device = g_object_new(device_type, "display-name", "Camera", "caps", caps, "device-class", "Video/Source", "properties", properties, NULL);
  gst_mini_object_unref(caps);
  gst_structure_free(properties);
  return device;
}

static GList *probe(void *provider) {
  (void)provider;
  return g_list_append(NULL, gst_object_ref_sink(camera()));
}

static int start(void *provider) {
  gst_device_provider_device_add(provider, camera());
  return 1;
}

static void stop(void *provider) { (void)provider; }

static void init_device(void *klass) { ((DeviceVirtuals *)after_object_class(klass))->create_element = create_element; }

static void init_provider(void *klass) {
  ProviderVirtuals *virtuals = after_object_class(klass);
  virtuals->probe = probe;
  virtuals->start = start;
  virtuals->stop = stop;
  gst_device_provider_class_set_static_metadata(klass, "Camera of one colour", "Source/Video", "A videotestsrc as a camera", "Parley");
}

static GType make(GType parent, const char *name, Init class_init) {
  GTypeQuery query;
  g_type_query(parent, &query);
  return g_type_register_static_simple(parent, name, query.class_size, class_init, query.instance_size, NULL, 0);
}

static int init(void *plugin) {
  device_type = make(gst_device_get_type(), "ParleyCamera", init_device);
  return gst_device_provider_register(plugin, "parleycameraprovider", 256, make(gst_device_provider_get_type(), "ParleyCameraProvider", init_provider));
}

static const GstPluginDesc description = { 1, 22, "camera", "A camera of one colour", init, "1.0", "MPL", "parley", "parley", "http://localhost/", NULL, { NULL } };

const GstPluginDesc *gst_plugin_camera_get_desc(void) { return &description; }
