# TernSockets.cmake - libtern_sockets: BSD sockets over a stack, for programs that want them.
#
# libtern does not know of it. As with libtern: every symbol for the tests (tern_socket), and what
# is installed.

file(GLOB TERN_SOCKET_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/socket/*.c)
add_library(tern_socket_objects OBJECT ${TERN_SOCKET_SOURCES})
set_target_properties(tern_socket_objects PROPERTIES
    C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
target_include_directories(tern_socket_objects PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
target_link_libraries(tern_socket_objects PRIVATE tern_compile)

add_library(tern_socket STATIC $<TARGET_OBJECTS:tern_socket_objects>)
target_link_libraries(tern_socket PUBLIC tern_core)

add_library(tern_sockets_shared SHARED $<TARGET_OBJECTS:tern_socket_objects>)
target_link_libraries(tern_sockets_shared PUBLIC tern_shared PRIVATE tern_compile)
tern_static_library(tern_sockets_static tern_socket_objects)
target_link_libraries(tern_sockets_static PUBLIC tern_static)
